import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import pg from 'pg'
import { startEdgeHost } from '../../../scripts/dev/edge/host.ts'
import { startGateway } from '../../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../../scripts/dev/keyring.ts'
import { makeKeys } from '../../../scripts/dev/keys.ts'
import { startRestThin } from '../../../scripts/dev/rest/thin.ts'
import { makeUndo } from '../../../scripts/dev/stack/undo.ts'
import { startCronScheduler } from '../../../scripts/dev/standins/cron/scheduler.ts'
import { startNetWorker } from '../../../scripts/dev/standins/net/worker.ts'
import type { Deps } from '../../../scripts/cli/deps.ts'
import { bareDatabase } from './bare_database.ts'
import { type Ran, runSupabase, runSupaqueue, silentDeps } from './terminal.ts'
import { type Mock, startMock } from './mock.ts'
import type { State } from './state.ts'

const root = join(import.meta.dirname, '../../..')

/** Where a function of ours, or an example, is. */
const ownFunction = (name: string): string =>
  ['supabase/functions', 'examples/supabase/functions'].map((folder) => join(root, folder, name)).find(existsSync)!

/** A project on the platform, without supaqueue: database, Data API, functions, pg_net, pg_cron, Management API. */
export type Hosted = {
  state: State
  mock: Mock
  adminUrl: string
  ownerUrl: string
  functionsUrl: string
  environment: Record<string, string>
  /** A connection of the role that owns supaqueue. */
  db: pg.Client
  /** Runs `supaqueue <args>` against the project, as CI would; `answers` makes it somebody at a terminal. */
  run(args: string[], options?: { env?: Record<string, string>; answers?: string[] }): Promise<Ran>
  /** What a command has where nobody sits, and nothing is printed. */
  deps(): Deps
  /** What the functions find, beside what the platform gives; those that are awake start anew. */
  setEnvironment(values: Record<string, string>): void
  /** The next request finds what the function's folder has now, as after it was deployed. */
  restart(name: string): void
  /** Puts folders of this checkout's functions among those that the project serves, as a pipeline of the user's would. */
  serve(...names: string[]): Promise<void>
  /** The folder that commands are called in. Its supabase/functions are what the project serves. */
  folder: string
  /** Runs the Supabase CLI in a folder. */
  supabase(
    args: string[],
    options?: { cwd?: string; env?: Record<string, string> },
  ): Promise<{ code: number; text: string }>
  /** All that was written to files in the folder that commands are called in. */
  files(): string
  stopNet(): Promise<void>
  stop(): Promise<void>
}

export type HostedOptions = {
  legacyKeys?: boolean
  cron?: boolean
  net?: boolean
  /** Default: one of its own. `as it is`: the one that the cluster's URLs name. */
  database?: 'own' | 'as it is'
  /** Functions of this checkout that the user is to have deployed. */
  functions?: string[]
}

/** Starts one, with a database of its own. */
export async function startHosted(options: HostedOptions = {}): Promise<Hosted> {
  const { legacyKeys = true, cron = true, net = true } = options
  const undo = makeUndo()
  const database = await bareDatabase(options.database ?? 'own')
  undo.add(database.drop)
  const folder = mkdtempSync(join(tmpdir(), 'hosted-'))
  undo.add(() => rmSync(folder, { recursive: true, force: true }))

  const keys = await makeKeys()
  const keyring = makeKeyring(keys, { legacy: legacyKeys })
  const gateway = await startGateway({ keyring })
  undo.add(gateway.stop)
  const rest = await startRestThin({ databaseUrl: database.authenticatorUrl })
  undo.add(rest.stop)

  const environment: Record<string, string> = {
    SUPABASE_URL: gateway.url,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret }),
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable }),
    ...(legacyKeys && { SUPABASE_ANON_KEY: keys.anon, SUPABASE_SERVICE_ROLE_KEY: keys.serviceRole }),
  }
  const functions = join(folder, 'supabase/functions')
  mkdirSync(functions, { recursive: true })
  for (const name of options.functions ?? []) cpSync(ownFunction(name), join(functions, name), { recursive: true })
  const edge = await startEdgeHost({ functionsDirectory: functions, environment, keyring })
  undo.add(edge.stop)
  gateway.open({ rest, edge })

  if (cron && database.installed.cron === 'stand-in') {
    undo.add((await startCronScheduler({ databaseUrl: database.adminUrl })).stop)
  }
  const worker = net && database.installed.net === 'stand-in'
    ? await startNetWorker({ databaseUrl: database.adminUrl, pacing: false })
    : undefined
  if (worker) undo.add(worker.stop)

  const { hostname, port, username, password, pathname } = new URL(database.ownerUrl)
  const state: State = {
    ref: Array.from(randomBytes(20), (byte) => String.fromCharCode(97 + byte % 26)).join(''),
    token: `sbp_${randomBytes(20).toString('hex')}`,
    secrets: new Map(),
    functions: new Map(),
    schemas: 'public,graphql_public',
    database: { host: hostname, port: Number(port), user: username, name: pathname.slice(1) },
  }
  const own = Object.keys(environment)
  const setEnvironment = (values: Record<string, string>) => {
    for (const name of Object.keys(environment)) if (!own.includes(name)) delete environment[name]
    Object.assign(environment, values)
    for (const name of edge.names()) edge.restart(name)
  }
  const verified = new Map<string, boolean>()
  const mock = await startMock(state, {
    secretsChanged: (secrets) => setEnvironment(Object.fromEntries(secrets)),
    deployed(slug, { files, metadata }) {
      for (const [path, text] of files) {
        const target = join(functions, slug, relative(dirname(metadata.entrypoint_path), path))
        mkdirSync(dirname(target), { recursive: true })
        writeFileSync(target, text)
      }
      verified.set(slug, metadata.verify_jwt)
      writeFileSync(
        join(folder, 'supabase/config.toml'),
        [...verified].map(([name, verify]) => `[functions.${name}]\nverify_jwt = ${verify}\n`).join('\n'),
      )
      edge.restart(slug)
    },
    removed(slug) {
      rmSync(join(functions, slug), { recursive: true })
      edge.restart(slug)
    },
  })
  undo.add(mock.stop)

  const profile = join(folder, 'profile.yaml')
  writeFileSync(
    profile,
    `name: mock\napi_url: ${mock.url}\ndashboard_url: ${mock.url}/dashboard\nproject_host: supabase.test\n`,
  )
  const db = new pg.Client({ connectionString: database.ownerUrl })
  db.on('error', () => {})
  await db.connect()
  undo.add(() => db.end())

  const functionsUrl = `${gateway.url}/functions/v1`
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    SUPABASE_HOME: join(folder, 'home'),
    SUPABASE_NO_KEYRING: '1',
    SUPABASE_PROFILE: profile,
    SUPABASE_ACCESS_TOKEN: state.token,
    SUPABASE_DB_PASSWORD: decodeURIComponent(password),
    SUPABASE_PROJECT_ID: state.ref,
    SUPABASE_API_MAX_RETRIES: '0',
    SUPAQUEUE_FUNCTIONS_URL: functionsUrl,
    DOCKER_HOST: 'unix:///nonexistent.sock',
  }
  return {
    state,
    mock,
    adminUrl: database.adminUrl,
    ownerUrl: database.ownerUrl,
    functionsUrl,
    environment,
    db,
    run: (args, { env: more = {}, answers } = {}) =>
      runSupaqueue(args, { env: { ...env, ...more }, cwd: folder, answers }),
    deps: () => silentDeps({ env, cwd: folder }),
    setEnvironment,
    restart: edge.restart,
    async serve(...names) {
      for (const name of names) await cp(ownFunction(name), join(functions, name), { recursive: true })
    },
    folder,
    supabase: (args, { cwd = folder, env: more = {} } = {}) => runSupabase(args, { env: { ...env, ...more }, cwd }),
    files: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
        .join('\n'),
    stopNet: async () => await worker?.stop(),
    stop: undo.run,
  }
}
