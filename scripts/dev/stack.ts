import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import pg from 'pg'
import { openFunctions } from '../cli/place.ts'
import { openDatabase } from '../cli/project/database.ts'
import { occupantOf } from '../cli/project/occupant.ts'
import { applyDatabase, configureDatabase } from '../cli/database/apply.ts'
import { type Replacement } from './edge/imports.ts'
import { makeCatalogue } from './edge/catalogue.ts'
import { defaultDenoDirectory, fetchImports } from './edge/deno.ts'
import { type EdgeHost, startEdgeHost } from './edge/host.ts'
import { startGateway } from './gateway.ts'
import { makeKeyring } from './keyring.ts'
import { makeKeys, type ProjectKeys } from './keys.ts'
import type { Postgres, PostgresOptions } from './postgres.ts'
import { run } from './postgres/databases.ts'
import type { Rest } from './rest/rest.ts'
import { startRestThin } from './rest/thin.ts'
import { givenDatabase, ownDatabase } from './stack/database.ts'
import { functionEnvironment } from './stack/environment.ts'
import { makeUndo } from './stack/undo.ts'
import { type CronScheduler, startCronScheduler } from './standins/cron/scheduler.ts'
import { type Intercept, type NetWorker, startNetWorker } from './standins/net/worker.ts'
import { type Installed, installStandIns } from './standins/standins.ts'

export type StackOptions = {
  /** Of the API, on 127.0.0.1; default any free one. */
  port?: number
  /** A database to use instead of an embedded one. Its user must be a superuser, unless nothing is missing there. */
  databaseUrl?: string
  /** Folders with further functions. They win over ours and the examples. */
  functions?: string[]
  /** Ours that are served where no folder of `functions` has one of that name; default: all, the examples among them. */
  own?: string[]
  /** `lite`, the default, does what supabase-js can ask; `thin` answers RPC only, and fast. */
  rest?: 'lite' | 'thin'
  /** Whether the stand-in for pg_net pauses between batches as the original does. Default true. */
  pacing?: boolean
  /** Whether the stand-in for pg_cron runs. Default true. Without it, the one for pg_net waits for answers as long as it takes. */
  cron?: boolean
  postgresVersion?: 15 | 17
  /** More about the embedded server: port, directory, settings. */
  postgres?: Omit<PostgresOptions, 'version'>
  /** What functions find in their environment besides the usual. */
  environment?: Record<string, string>
  /** Whether the dispatcher has a connection of its own. Default false. */
  direct?: boolean
  /** Limits of the edge host, in milliseconds. */
  edge?: { wallClockMs?: number; idleTimeoutMs?: number; graceMs?: number }
  /** Gets what functions print. */
  log?: (line: string) => void
  /** Starts functions anew when their files change. Default false. */
  reload?: boolean
  /** Furnishes the database of a project before supaqueue is put there, if it has not brought it along. */
  prepare?: (urls: { adminUrl: string; ownerUrl: string }) => Promise<void>
  /** Decides what becomes of the requests of pg_net, if it is the stand-in. Default: they are sent. */
  requests?: (apiUrl: string, log: (line: string) => void) => Intercept
  /** A package that functions may import, and what they get in its place. */
  replacement?: Replacement
  /** The folders that functions may be made of, beside ours. Default: any. */
  inside?: string[]
  /** Schemas that REST serves. */
  schemas?: string[]
  /** False: as in a project that has switched its legacy keys off. Default true. */
  legacyKeys?: boolean
}

export type Stack = {
  apiUrl: string
  /** Of the role that owns supaqueue. */
  databaseUrl: string
  /** Of a superuser. */
  adminUrl: string
  /** Of a role that may become anon, authenticated and service_role. */
  authenticatorUrl: string
  keys: ProjectKeys
  /** What wake-ups are signed with. */
  secret: string
  /** The embedded server; undefined if a database was given. */
  postgres: Postgres | undefined
  /** What runs behind the stand-in for pg_net; undefined beside the real one. */
  net: NetWorker | undefined
  /** What runs behind the stand-in for pg_cron; undefined beside the real one, or if not wanted. */
  cron: CronScheduler | undefined
  edge: EdgeHost
  rest: Rest
  standins: Installed
  /** Stops everything that was started. May be called again. */
  stop(): Promise<void>
}

/** Starts a Supabase project with supaqueue in it, on this machine: database, REST, edge functions. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const undo = makeUndo()
  try {
    return await start(options, undo)
  } catch (reason) {
    await undo.run()
    throw reason
  }
}

async function start(options: StackOptions, undo: ReturnType<typeof makeUndo>): Promise<Stack> {
  const { legacyKeys = true, log = () => {} } = options
  const keys = await makeKeys()
  const keyring = makeKeyring(keys, { legacy: legacyKeys })
  const secret = randomBytes(32).toString('hex')

  // First, because it is the part most likely to be refused, and because the others must know its URL.
  const gateway = await startGateway({ port: options.port, keyring })
  undo.add(gateway.stop)

  const database = options.databaseUrl
    ? await givenDatabase(options.databaseUrl)
    : await ownDatabase({ ...options.postgres, version: options.postgresVersion })
  const { adminUrl, ownerUrl, authenticatorUrl, postgres } = database
  if (postgres) undo.add(postgres.close)
  const standins = await installStandIns(adminUrl)
  await options.prepare?.({ adminUrl, ownerUrl })
  if (!options.prepare || !await hasSupaqueue(ownerUrl)) await applyDatabase(ownerUrl, undefined, ['api'])
  await configureDatabase(ownerUrl, { functionsUrl: `${gateway.url}/functions/v1`, secret })

  // Lite takes a second of processor time to load, which who does without it need not spend.
  const rest = options.rest === 'thin'
    ? await startRestThin({ databaseUrl: authenticatorUrl })
    : await (await import('./rest/lite.ts')).startRestLite({
      databaseUrl: ownerUrl,
      authenticatorUrl,
      ...(options.schemas && { schemas: options.schemas }),
    })
  undo.add(rest.stop)
  const surroundings = { apiUrl: gateway.url, databaseUrl: ownerUrl, keys, legacyKeys, secret }
  const own = openFunctions()
  undo.add(own.release)
  const ours = own.folders.map((folder) => options.own ? { folder, only: options.own } : folder)
  // The driver is imported by a run that has work, too late to download it.
  const dispatcher = options.direct && makeCatalogue(ours).find('supaqueue')
  if (dispatcher) await fetchImports(dispatcher, defaultDenoDirectory)
  const edge = await startEdgeHost({
    functionsDirectory: [...options.functions ?? [], ...ours],
    environment: {
      ...functionEnvironment(surroundings),
      ...(options.direct && { SUPAQUEUE_DB_URL: ownerUrl }),
      ...options.environment,
    },
    keyring,
    log,
    reload: options.reload,
    replacement: options.replacement,
    ...(options.inside && {
      inside: [...options.inside, ...own.folders, ...Object.values(options.replacement?.entrances ?? {}).map(dirname)],
    }),
    ...options.edge,
  })
  undo.add(edge.stop)
  gateway.open({ rest, edge })
  // On a new machine it first downloads what it imports, which may take longer than a wake-up waits.
  await edge.warm('supaqueue')

  // Last, because they wake the rest: a database that was given may have jobs waiting.
  const net = standins.net === 'stand-in'
    ? await startNetWorker({
      databaseUrl: postgres ? await messengerUrl(adminUrl) : adminUrl,
      pacing: options.pacing ?? true,
      timeouts: options.cron !== false,
      intercept: options.requests?.(gateway.url, log),
    })
    : undefined
  if (net) undo.add(net.stop)
  const cron = standins.cron === 'stand-in' && options.cron !== false
    ? await startCronScheduler({ databaseUrl: adminUrl, ...(postgres && { ownerUrl }) })
    : undefined
  if (cron) undo.add(cron.stop)

  const urls = { apiUrl: gateway.url, databaseUrl: ownerUrl, adminUrl, authenticatorUrl }
  return { ...urls, keys, secret, postgres, net, cron, edge, rest, standins, stop: undo.run }
}

/**
 * Who serves the tables of pg_net: a role of its own. Everybody may put triggers on them, and the original runs these as a
 * superuser; on somebody's own machine that would be a way to run programs.
 */
async function messengerUrl(adminUrl: string): Promise<string> {
  const url = new URL(adminUrl)
  url.username = 'supabase_net_messenger'
  url.password = randomBytes(24).toString('hex')
  await run(
    adminUrl,
    `do $$ begin
      if to_regrole('supabase_net_messenger') is null then create role supabase_net_messenger login; end if;
    end $$;
    alter role supabase_net_messenger password ${pg.escapeLiteral(url.password)};
    grant usage on schema net to supabase_net_messenger;
    grant select, insert, update, delete on all tables in schema net to supabase_net_messenger`,
  )
  return url.href
}

async function hasSupaqueue(databaseUrl: string): Promise<boolean> {
  const db = openDatabase(databaseUrl)
  try {
    return await occupantOf(db.query) === 'us'
  } finally {
    await db.end()
  }
}
