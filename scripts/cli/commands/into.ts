import { resolve } from 'node:path'
import { API_ADDON } from '../database/addons.ts'
import { adviceOn, cliOf } from '../project/advice.ts'
import { type Config, editConfig, readConfig } from '../project/config_toml.ts'
import { API, DISPATCHER } from '../project/edge.ts'
import type { EdgeFunction } from '../project/edge_files.ts'
import { ownerOf, writeFunctionFolder } from '../project/function_folder.ts'
import { keepFromGit, outsideGit } from '../project/git.ts'
import { declareFunction, LOCAL_FUNCTIONS_URL } from '../project/local.ts'
import { migrationText, seedText } from '../project/migration_file.ts'
import { nextVersion } from '../project/next_version.ts'
import type { Target } from '../project/open.ts'
import { readProfile } from '../project/profile.ts'
import { expectRef, expectUrl } from '../project/values.ts'
import { openWorkdir, type Workdir } from '../project/workdir.ts'
import { plain } from '../terminal/plain.ts'
import type { Deps } from '../deps.ts'
import { EXIT } from './exit.ts'
import { mayReplace, type ReplaceOptions } from './replace.ts'

export type IntoOptions = Target & ReplaceOptions & { into: string }

export const SEED = 'supabase/supaqueue.seed.sql'
const REFERENCE = 'env(SUPAQUEUE_SECRET)'

/**
 * Writes supaqueue into the files of somebody's own project, for them to review, version and deploy. Touches no database and no
 * platform. A second run writes what has changed since. Whatever can be refused is refused before anything is written.
 * Returns the exit code.
 */
export async function writeInto(options: IntoOptions, deps: Deps): Promise<number> {
  const { dryRun = false, expose = true } = options
  const functionsUrl = hostedUrl(options, deps)
  const workdir = openWorkdir(resolve(deps.cwd, options.into), (line) => deps.say(plain(line)), dryRun)
  const functions = functionsOf(workdir, options)
  const config = editedConfig(workdir, functions, expose)
  const migration = newMigration(workdir, functionsUrl, options.with ?? [])
  const secretFile = outsideGit(workdir, ['supabase/.env', 'supabase/.env.local'])
  const theirs = functions.filter((fn) => ownerOf(workdir, fn) === 'the user')
  if (!await mayReplace(theirs, options, deps)) return EXIT.declined

  // The configuration comes last: it is to expose nothing that no migration makes, wherever this breaks off.
  const written = [
    migration !== undefined && workdir.write(migration.path, migration.text),
    ...functions.map((fn) => writeFunctionFolder(workdir, fn)),
    workdir.write(SEED, seedText(LOCAL_FUNCTIONS_URL)),
    keepFromGit(workdir, secretFile, dryRun),
    workdir.write('supabase/config.toml', config),
  ].some(Boolean)

  if (!written) deps.say('All of it is there already; nothing was written.')
  else if (dryRun) deps.say('Dry run: nothing was written.')
  else deps.say(plainLines(nextSteps(workdir, { functions, functionsUrl, secretFile, expose })))
  return EXIT.done
}

export function hostedUrl(target: Target, deps: Deps): string | undefined {
  const ref = target.projectRef ?? deps.env.SUPABASE_PROJECT_ID
  if (target.functionsUrl !== undefined) return expectUrl(target.functionsUrl, '--functions-url')
  return ref ? `https://${expectRef(ref)}.${readProfile(deps.env).projectHost}/functions/v1` : undefined
}

/** Undefined where the migrations that are there say it all. */
export function newMigration(
  workdir: Workdir,
  functionsUrl: string | undefined,
  addons: string[],
  now = fourteenDigits(),
) {
  const names = workdir.list('supabase/migrations').filter((name) => /^\d+_.*\.sql$/.test(name))
  const earlier = names.map((name) => workdir.read(`supabase/migrations/${name}`) ?? '')
  const text = migrationText(earlier, functionsUrl, addons)
  if (text === undefined) return undefined
  return {
    path: `supabase/migrations/${nextVersion(names, now)}_supaqueue.sql`,
    text,
    first: !earlier.some(isOurs),
  }
}

export const isOurs = (text: string): boolean => /^-- supaqueue: migrations\//m.test(text)

export const fourteenDigits = (): string => new Date().toISOString().replace(/\D/g, '').slice(0, 14)

/** The HTTP API once it was asked for, too. */
export function functionsOf(workdir: Workdir, options: { with?: string[] }): EdgeFunction[] {
  const asked = options.with?.includes(API_ADDON) || ownerOf(workdir, API) === 'us'
  return asked ? [DISPATCHER, API] : [DISPATCHER]
}

export function editedConfig(
  workdir: Workdir,
  functions: EdgeFunction[],
  expose: boolean,
  text = workdir.read('supabase/config.toml') ?? '',
  further: (config: Config) => void = () => {},
): string {
  return editConfig(text, (config) => {
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
    further(config)
  })
}

// Without the entry the CLI would take seed.sql; once there is one, it has to be named.
const withSeed = (paths = ['./seed.sql']): string[] =>
  paths.includes('./supaqueue.seed.sql') ? paths : [...paths, './supaqueue.seed.sql']

type Written = { functions: EdgeFunction[]; functionsUrl: string | undefined; secretFile: string; expose: boolean }

function nextSteps(workdir: Workdir, { functions, functionsUrl, secretFile, expose }: Written): string {
  const config = readConfig(workdir.read('supabase/config.toml') ?? '')
  const cli = cliOf(workdir, config)
  const advice = adviceOn(workdir, config, cli, expose)
  return `
Next, in ${workdir.folder}:
  1. A secret, known to Vault and to the functions, in a file that git leaves out:
       (umask 077; echo "SUPAQUEUE_SECRET=$(openssl rand -hex 32)" >> ${secretFile})
  2. Here:    ${cli} stop && ${cli} db start && ${cli} db reset && ${cli} stop && ${cli} start${
    expose
      ? `
              (the tables first: a Data API that is to serve a schema that is not there answers nothing)`
      : ''
  }
  3. Hosted:  ${cli} db push                       (migration, and the secret into Vault)
              ${cli} secrets set --env-file ${secretFile}
              ${cli} functions deploy ${functions.join(' ')} --use-api --no-verify-jwt
              and expose the schema supaqueue under Project Settings, Data API (last; no config push before db push)${
    functionsUrl ? '' : `
              insert into supaqueue.setting (name, value)
                values ('functions_url', 'https://<ref>.supabase.co/functions/v1');`
  }
  4. pnpm supaqueue:doctor${
    advice.length === 0 ? '' : `\n\nOf this project:\n${advice.map((line) => `  - ${line}`).join('\n')}`
  }`
}

export const plainLines = (text: string): string => text.split('\n').map(plain).join('\n')
