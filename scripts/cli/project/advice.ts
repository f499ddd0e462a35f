import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from './config_toml.ts'
import type { Workdir } from './workdir.ts'

/** How the Supabase CLI is to be called in this project: as it is pinned there, or in a version that takes its files. */
export function cliOf(workdir: Workdir, config: Config): string {
  if (isPinned(workdir)) return 'npx supabase'
  const old = 'inbucket' in config || workdir.list('supabase/functions').some((name) => hasImportMap(workdir, name))
  return old ? 'npx supabase@2' : 'npx supabase'
}

function isPinned(workdir: Workdir): boolean {
  const text = workdir.read('package.json') ?? ''
  if (/"supabase"\s*:/.test(text)) return true
  for (let folder = workdir.folder;; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules/.bin/supabase'))) return true
    if (folder === dirname(folder)) return false
  }
}

function hasImportMap(workdir: Workdir, name: string): boolean {
  try {
    return workdir.has(`supabase/functions/${name}/import_map.json`)
  } catch {
    // A link of theirs, in a function that is no affair of ours.
    return false
  }
}

/** What the files of this project mean for supaqueue, beside the usual; a line each. `cli` is how the CLI is called. */
export function adviceOn(workdir: Workdir, config: Config, cli: string, expose: boolean): string[] {
  return [
    ...(cli === 'npx supabase' ? [] : [
      `Your config is of an older CLI, and the newest refuses it ([inbucket], import_map.json), so use ${cli}. Pin it: npm install --save-dev supabase@2.`,
    ]),
    ...Object.entries(config.remotes ?? {}).flatMap(([name, remote]) => remoteAdvice(name, remote, config, expose)),
    ...(config.db?.seed?.enabled === false
      ? [
        '[db.seed] is switched off, so supaqueue.seed.sql does not run: after a reset, run it by hand (psql -f supabase/supaqueue.seed.sql).',
      ]
      : []),
    ...((config.db?.migrations?.schema_paths ?? []).length > 0 || workdir.list('supabase/schemas').length > 0
      ? [
        `You keep declarative schemas, and supaqueue is not in them: ${cli} db diff would write a migration that drops it. Diff your own schemas alone (--schema public), and keep supaqueue out of what it writes.`,
      ]
      : []),
    ...(config.edge_runtime?.deno_version === 1
      ? ['[edge_runtime] deno_version = 1: the functions of supaqueue are made for 2. Set it to 2.']
      : []),
    ...(config.functions?.supaqueue?.enabled === false
      ? ['[functions.supaqueue] enabled = false: nothing is dispatched until it is true.']
      : []),
  ]
}

type Remote = NonNullable<Config['remotes']>[string]

function remoteAdvice(name: string, { api, db }: Remote, config: Config, expose: boolean): string[] {
  const lines: string[] = []
  if (expose && api?.schemas && !api.schemas.includes('supaqueue')) {
    lines.push(
      `[remotes.${name}.api] has schemas of its own, which were left alone: add "supaqueue" to expose it there.`,
    )
  }
  // Whatever a remote does not say, it has from the rest of the file.
  const seeds = db?.seed?.enabled ?? config.db?.seed?.enabled ?? true
  if (seeds && (db?.seed?.sql_paths ?? ['./supaqueue.seed.sql']).some((path) => path.includes('supaqueue.seed.sql'))) {
    lines.push(
      `[remotes.${name}] runs supaqueue.seed.sql, which is for the local stack alone: give [remotes.${name}.db.seed] sql_paths without it.`,
    )
  }
  return lines
}
