import { randomBytes } from 'node:crypto'
import { chown, mkdir, mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { binaries, type Version } from './postgres/binaries.ts'
import { ensureCluster, setAdminPassword } from './postgres/cluster.ts'
import { createDatabase, dropDatabase, run } from './postgres/databases.ts'
import { startGuard } from './postgres/guard.ts'
import { expectReach, type Identity, serverIdentity } from './postgres/identity.ts'
import { expectFree, freePort } from './postgres/port.ts'
import { type Server, startServer } from './postgres/server.ts'

export type Role = 'admin' | 'owner' | 'authenticator'

export type PostgresOptions = {
  /** Default 17. */
  version?: Version
  /** On 127.0.0.1; default any free one. */
  port?: number
  /** Where the data is kept for the next start. Default: a directory of its own, removed by `close`. */
  directory?: string
  /** Server settings by name; they win over ours. */
  settings?: Record<string, string>
}

export type Postgres = {
  port: number
  version: Version
  /** Of the superuser `supabase_admin`, database `postgres`. */
  adminUrl: string
  /** Of `postgres`, who owns the databases and is not a superuser. */
  ownerUrl: string
  /** Of `authenticator`, who may become anon, authenticated or service_role. */
  authenticatorUrl: string
  urlFor(role: Role, database: string): string
  createDatabase(name: string, template?: string): Promise<void>
  dropDatabase(name: string): Promise<void>
  /** Of the running server, undefined while it is stopped. */
  readonly pid: number | undefined
  /** The server's own log. */
  readonly log: string
  /** `immediate` is a crash as PostgreSQL sees it: unlogged tables are empty after the next start. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>
  /** Starts again after stop or kill: same port, same data, same passwords. */
  start(): Promise<void>
  /** Ends the server by SIGKILL. */
  kill(): Promise<void>
  /** Stops the server and removes everything but a directory that was asked for. */
  close(): Promise<void>
}

const users: Record<Role, string> = { admin: 'supabase_admin', owner: 'postgres', authenticator: 'authenticator' }

const settingsForAll = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  search_path: '"$user", public, extensions',
  statement_timeout: '2min',
  timezone: 'UTC',
  log_timezone: 'UTC',
}
// A throw-away cluster need not survive a power cut. Commits stay synchronous: what a client sees as committed must
// survive a crash of the server, which is what the tests provoke.
const settingsForThrowAway = { fsync: 'off', full_page_writes: 'off' }

/**
 * Starts a PostgreSQL of its own with the roles, schemas and privileges of a Supabase project. It ends with `close`, at
 * the latest with this process, however that ends.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const { version = 17 } = options
  if (options.port !== undefined) await expectFree(options.port)
  const port = options.port ?? await freePort()

  const identity = serverIdentity()
  const home = await makeHome(options.directory, identity)
  const guard = startGuard(options.directory === undefined ? home : undefined)

  const data = join(home, 'data')
  const log = join(home, 'postgres.log')
  const settings = {
    ...settingsForAll,
    ...(options.directory === undefined ? settingsForThrowAway : {}),
    ...options.settings,
  }
  const passwords: Record<Role, string> = { admin: secret(), owner: secret(), authenticator: secret() }
  const urlFor = (role: Role, database: string) =>
    `postgresql://${users[role]}:${passwords[role]}@127.0.0.1:${port}/${encodeURIComponent(database)}`

  let server: Server | undefined

  async function end(signal: NodeJS.Signals) {
    await server?.end(signal)
  }

  try {
    const programs = await binaries(version, identity, join(home, `native-${version}`))
    await ensureCluster(data, version, programs, identity)
    await setAdminPassword(data, passwords.admin, programs, identity)

    const start = async () => {
      if (server) return
      const started = await startServer({ program: programs.postgres, data, log, port, settings, identity })
      server = started
      guard.watch(started.pid)
      started.gone.then(() => {
        guard.watch(undefined)
        server = undefined
      })
    }

    await start()
    await furnish(urlFor, passwords)

    return {
      port,
      version,
      adminUrl: urlFor('admin', 'postgres'),
      ownerUrl: urlFor('owner', 'postgres'),
      authenticatorUrl: urlFor('authenticator', 'postgres'),
      urlFor,
      createDatabase: (name, template) => createDatabase(urlFor('admin', 'postgres'), name, template),
      dropDatabase: (name) => dropDatabase(urlFor('admin', 'postgres'), name),
      get pid() {
        return server?.pid
      },
      log,
      stop: (mode = 'fast') => end(mode === 'fast' ? 'SIGINT' : 'SIGQUIT'),
      start,
      kill: () => end('SIGKILL'),
      async close() {
        await end('SIGINT')
        await guard.release()
      },
    }
  } catch (reason) {
    await end('SIGINT')
    await guard.release()
    throw reason
  }
}

async function makeHome(directory: string | undefined, { uid, gid }: Identity): Promise<string> {
  const home = directory === undefined ? await mkdtemp(join(tmpdir(), 'supaqueue-')) : resolve(directory)
  await mkdir(home, { recursive: true, mode: 0o700 })
  if (uid !== undefined && gid !== undefined) {
    await chown(home, uid, gid)
    await expectReach(home, { uid, gid })
  }
  return home
}

async function furnish(urlFor: Postgres['urlFor'], passwords: Record<Role, string>) {
  const [roles, database] = await Promise.all(['roles.sql', 'database.sql'].map(readHere)) as [string, string]
  const logins = (['owner', 'authenticator'] as const)
    .map((role) => `alter role ${pg.escapeIdentifier(users[role])} password ${pg.escapeLiteral(passwords[role])};`)

  await run(urlFor('admin', 'postgres'), `${roles}${logins.join('')}${ofThisCluster}${database}`)
  await run(urlFor('admin', 'template1'), database)
}

// Ours alone: in a cluster somebody else made, these are not ours to change.
const ofThisCluster = `
  alter database postgres owner to postgres;
  alter role supabase_admin set statement_timeout = 0;
`

const readHere = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), 'utf8')

const secret = (): string => randomBytes(24).toString('hex')
