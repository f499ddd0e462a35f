import { resolve } from 'node:path'
import { editConfig } from '../project/config_toml.ts'
import { API_ADDON, sqlAddons } from '../database/addons.ts'
import { API, DISPATCHER } from '../project/edge.ts'
import type { EdgeFunction } from '../project/edge_files.ts'
import { functionFolder, writeFunctionFolder } from '../project/function_folder.ts'
import { declareFunction, LOCAL_FUNCTIONS_URL } from '../project/local.ts'
import { migrationText, seedText } from '../project/migration_file.ts'
import { readProfile } from '../project/profile.ts'
import type { Target } from '../project/open.ts'
import { openWorkdir, type Workdir } from '../project/workdir.ts'
import type { World } from '../world.ts'
import { EXIT } from './exit.ts'

export type IntoOptions = Target & { into: string; dryRun?: boolean }

const SEED = 'supabase/supaqueue.seed.sql'
const REFERENCE = 'env(SUPAQUEUE_SECRET)'

/**
 * Writes supaqueue into the files of somebody's own project, for them to review, version and deploy. Touches no database and no
 * platform. A second run writes what has changed since. Returns the exit code.
 */
export function writeInto(options: IntoOptions, world: World): Promise<number> {
  const workdir = openWorkdir(resolve(world.cwd, options.into), world.say, options.dryRun)
  // The configuration first: it is the one file that can refuse to be edited.
  const functions = functionsOf(workdir, options)
  const written = [
    writeConfig(workdir, functions, options.expose ?? true),
    writeMigration(workdir, hostedUrl(options, world), sqlAddons(options.with)),
    ...functions.map((fn) => writeFunctionFolder(workdir, fn)),
    workdir.write(SEED, seedText(LOCAL_FUNCTIONS_URL)),
  ].some(Boolean)

  if (!written) world.say('All of it is there already; nothing was written.')
  else world.say(options.dryRun ? 'Dry run: nothing was written.' : nextSteps(functions, hostedUrl(options, world)))
  return Promise.resolve(EXIT.done)
}

function hostedUrl({ functionsUrl, projectRef }: Target, world: World): string | undefined {
  const ref = projectRef ?? world.env.SUPABASE_PROJECT_ID
  return functionsUrl ?? (ref ? `https://${ref}.${readProfile(world.env).projectHost}/functions/v1` : undefined)
}

function writeMigration(workdir: Workdir, functionsUrl: string | undefined, addons: string[] = []): boolean {
  const names = workdir.list('supabase/migrations').filter((name) => /^\d+_.*\.sql$/.test(name))
  const earlier = names.map((name) => workdir.read(`supabase/migrations/${name}`) ?? '')
  const text = migrationText(earlier, functionsUrl, addons)
  if (text === undefined) return false
  return workdir.write(`supabase/migrations/${nextVersion(names.at(-1))}_supaqueue.sql`, text)
}

/** A version that comes after the last one, also when that is in the future. */
function nextVersion(last: string | undefined): string {
  const now = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const before = /^\d{14}/.exec(last ?? '')?.[0]
  return before && before >= now ? String(BigInt(before) + 1n) : now
}

/** The HTTP door once it was asked for, too. */
function functionsOf(workdir: Workdir, options: IntoOptions): EdgeFunction[] {
  const asked = options.with?.includes(API_ADDON) || workdir.read(`${functionFolder(API)}/index.ts`) !== undefined
  return asked ? [DISPATCHER, API] : [DISPATCHER]
}

function writeConfig(workdir: Workdir, functions: EdgeFunction[], expose: boolean): boolean {
  const text = workdir.read('supabase/config.toml') ?? ''
  const edited = editConfig(text, (config) => {
    for (const fn of functions) declareFunction(config, fn)
    const schemas = config.api?.schemas ?? ['public', 'graphql_public']
    if (expose && !schemas.includes('supaqueue')) config.api = { ...config.api, schemas: [...schemas, 'supaqueue'] }
    config.db = {
      ...config.db,
      vault: { ...config.db?.vault, supaqueue_secret: REFERENCE },
      seed: { ...config.db?.seed, sql_paths: withSeed(config.db?.seed?.sql_paths) },
    }
    config.edge_runtime = {
      ...config.edge_runtime,
      secrets: { ...config.edge_runtime?.secrets, SUPAQUEUE_SECRET: REFERENCE },
    }
  })
  return workdir.write('supabase/config.toml', edited)
}

// Without the entry the CLI would take seed.sql; once there is one, it has to be named.
const withSeed = (paths = ['./seed.sql']): string[] =>
  paths.includes('./supaqueue.seed.sql') ? paths : [...paths, './supaqueue.seed.sql']

const nextSteps = (functions: EdgeFunction[], functionsUrl: string | undefined): string => `
Next:
  1. A secret, known to Vault and to the functions, in a file that git ignores:
       (umask 077; echo "SUPAQUEUE_SECRET=$(openssl rand -hex 32)" >> supabase/.env)
  2. Here:    npx supabase stop && npx supabase start && npx supabase db reset
  3. Hosted:  npx supabase db push                       (migration, and the secret into Vault)
              npx supabase secrets set --env-file supabase/.env
              npx supabase functions deploy ${functions.join(' ')} --use-api --no-verify-jwt
              and expose the schema supaqueue under Project Settings, Data API${
  functionsUrl ? '' : `
              insert into supaqueue.setting (name, value)
                values ('functions_url', 'https://<ref>.supabase.co/functions/v1');`
}
  4. pnpm supaqueue:doctor`
