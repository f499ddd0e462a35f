import { basename, relative, resolve } from 'node:path'
import { adviceOn, cliOf } from '../project/advice.ts'
import { readConfig } from '../project/config_toml.ts'
import { readVariable, withVariables } from '../project/env_file.ts'
import { findProject, isProject } from '../project/find_project.ts'
import {
  type Form,
  formOf,
  importMap,
  ownerOf,
  packageEntrance,
  writeFunctionFolder,
} from '../project/function_folder.ts'
import { keepFromGit, outsideGit } from '../project/git.ts'
import { LOCAL_FUNCTIONS_URL } from '../project/local.ts'
import { seedText } from '../project/migration_file.ts'
import { nextVersion } from '../project/next_version.ts'
import { openWorkdir, type Workdir } from '../project/workdir.ts'
import { makeSecret } from '../steps/secret.ts'
import { inShell } from '../terminal/in_shell.ts'
import { plain } from '../terminal/plain.ts'
import type { Deps } from '../deps.ts'
import { confirm } from './confirm.ts'
import { EXIT } from './exit.ts'
import { editedConfig, fourteenDigits, functionsOf, hostedUrl, isOurs, newMigration, plainLines, SEED } from './into.ts'
import { mayReplace, type ReplaceOptions } from './replace.ts'

export type InitOptions = ReplaceOptions & {
  folder?: string
  yes?: boolean
  projectRef?: string
  functionsUrl?: string
  with?: string[]
  /** The sources of the dispatcher in place of an import of the package. */
  copy?: boolean
  /** Default true. */
  example?: boolean
  /** Default true. */
  expose?: boolean
}

const CONFIG = 'supabase/config.toml'
const EXAMPLE = 'greet'
const VARIABLE = 'SUPAQUEUE_SECRET'

/**
 * Writes supaqueue into the files of the project that one stands in: migration, function, configuration, a secret, and a first
 * queue with its function. Touches no database and no platform. A second run writes what has changed since. Returns the exit code.
 */
export async function init(options: InitOptions, deps: Deps): Promise<number> {
  const folder = options.folder === undefined ? findProject(deps.cwd) : resolve(deps.cwd, options.folder)
  const place = relative(deps.cwd, folder)
  if (place !== '') deps.say(plain(`The project in ${place}:`))

  // What is shown is what is written, however long the answer takes.
  const now = fourteenDigits()
  const plan = (told: (line: string) => void, dry: boolean) =>
    planOf(openWorkdir(folder, told, dry, { more: MORE, withoutConfig: true }), options, deps, dry, now)
  const shown = plan((line) => deps.say(plain(line)), true)
  if (!await mayReplace(shown.theirs, options, deps)) return EXIT.declined
  if (!shown.write()) {
    deps.say('All of it is there already; nothing was written.')
    return EXIT.done
  }
  if (options.dryRun) {
    deps.say('Dry run: nothing was written.')
    return EXIT.done
  }
  if (!options.yes && !await confirm(deps, 'Write these?')) return EXIT.declined
  const { workdir, write } = plan(() => {}, false)
  write()
  deps.say(plainLines(nextSteps(workdir, options, place)))
  return EXIT.done
}

/** Whether the files of the project in a folder have supaqueue. */
export function isInitialized(folder: string): boolean {
  if (!isProject(folder)) return false
  const workdir = openWorkdir(folder, () => {}, true, { withoutConfig: true })
  return workdir.list('supabase/migrations').some((name) =>
    name.endsWith('.sql') && isOurs(workdir.read(`supabase/migrations/${name}`) ?? '')
  )
}

const MORE = [`supabase/functions/${EXAMPLE}/`]

/** Reads the project and says what is to be written; whatever can be refused is refused by now. */
function planOf(workdir: Workdir, options: InitOptions, deps: Deps, dry: boolean, now: string) {
  const functions = functionsOf(workdir, options)
  const migration = newMigration(workdir, hostedUrl(options, deps), options.with ?? [], now)
  // A first queue only with the first migration: who has deleted it does not want it back.
  const example = options.example !== false && migration?.first === true &&
    !workdir.has(`supabase/functions/${EXAMPLE}`)
  const before = workdir.read(CONFIG) ?? `project_id = ${JSON.stringify(basename(workdir.folder))}\n`
  const config = editedConfig(workdir, functions, options.expose ?? true, before, (config) => {
    if (!example) return
    config.functions = {
      ...config.functions,
      [EXAMPLE]: { verify_jwt: false, import_map: `./functions/${EXAMPLE}/deno.json` },
    }
  })
  const secretFile = outsideGit(workdir, ['supabase/.env', 'supabase/.env.local'])
  const secrets = workdir.read(secretFile) ?? ''
  const owner = ownerOf(workdir, 'supaqueue')
  const form: Form = options.copy || (owner === 'us' && formOf(workdir, 'supaqueue') === 'copy') ? 'copy' : 'import'

  const files: [string, string][] = []
  if (migration) files.push([migration.path, migration.text])
  if (migration && example) {
    const names = [
      ...workdir.list('supabase/migrations').filter((name) => /^\d+_.*\.sql$/.test(name)),
      basename(migration.path),
    ]
    files.push([`supabase/migrations/${nextVersion(names.sort(), now)}_queues.sql`, QUEUES])
    files.push([`supabase/functions/${EXAMPLE}/index.ts`, exampleFunction(workdir)])
    files.push([`supabase/functions/${EXAMPLE}/deno.json`, EXAMPLE_IMPORTS])
  }
  files.push([SEED, seedText(LOCAL_FUNCTIONS_URL)])

  return {
    workdir,
    theirs: functions.filter((fn) => ownerOf(workdir, fn) === 'the user'),
    /** Says whether anything had to be written. */
    write: (): boolean =>
      [
        ...files.map(([path, text]) => workdir.write(path, text)),
        ...functions.map((fn) => writeFunctionFolder(workdir, fn, fn === 'supaqueue' ? form : 'copy')),
        // Behind the tables: it is to expose nothing that no migration makes, wherever this breaks off.
        workdir.write(CONFIG, config),
        // Before there is a secret in it.
        keepFromGit(workdir, secretFile, dry),
        !readVariable(secrets, VARIABLE) &&
        workdir.write(secretFile, withVariables(secrets, { [VARIABLE]: makeSecret() }), { secret: true }),
      ].some(Boolean),
  }
}

const QUEUES = `-- Your queues. This file is yours: change it, or add further migrations. It may run again.
select supaqueue.create_queue('greetings', '${EXAMPLE}', workers => 2);
`

const EXAMPLE_IMPORTS = importMap({ 'supaqueue/edge': packageEntrance('edge'), 'zod': 'npm:zod@4.6.7' })

/** Where the app's own compiler would read it, it is told not to: it knows no Deno. */
function exampleFunction(workdir: Workdir): string {
  const config = workdir.read('tsconfig.json')
  const head = config === undefined || /supabase/.test(config)
    ? ''
    : '// @ts-nocheck: for Deno. Better, exclude supabase/functions in tsconfig.json.\n'
  return `${head}import { handle } from 'supaqueue/edge'
import { z } from 'zod'

// Does the jobs of the queue greetings. Only supaqueue gets in: each call is signed. What is returned is the job's result;
// what is thrown has it tried again.
Deno.serve(handle(z.object({ name: z.string() }), ({ name }, job) => {
  return { greeting: \`Hello \${name}\`, attempt: job.attempt }
}))
`
}

function nextSteps(workdir: Workdir, options: InitOptions, place: string): string {
  const config = readConfig(workdir.read(CONFIG) ?? '')
  const cli = cliOf(workdir, config)
  const advice = adviceOn(workdir, config, cli, options.expose ?? true)
  const there = place === '' ? '' : `cd ${/^[\w./-]+$/.test(place) ? place : inShell(place)} && `
  return `
Next:
  Here:    ${there}npx supaqueue dev          (with Docker: ${there}${cli} start)
  Hosted:  ${there}${cli} db push && npx supaqueue install

A first job, in SQL:  select supaqueue.enqueue('greetings', '{"name": "Ada"}');${
    advice.length === 0 ? '' : `\n\nOf this project:\n${advice.map((line) => `  - ${line}`).join('\n')}`
  }`
}
