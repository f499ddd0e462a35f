import { chown, lstat, mkdir, mkdtemp, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'
import { binaries, type Version } from './postgres/binaries.ts'
import { ensureCluster, setAdminPassword } from './postgres/cluster.ts'
import { createDatabase, dropDatabase } from './postgres/databases.ts'
import { furnish } from './postgres/furnish.ts'
import { startGuard } from './postgres/guard.ts'
import { expectReach, type Identity, serverIdentity } from './postgres/identity.ts'
import { expectFree, freePort, PortTaken } from './postgres/port.ts'
import { type Server, startServer } from './postgres/server.ts'
import { serverSettings } from './postgres/settings.ts'
import { makePasswords, type Role, users } from './postgres/users.ts'

export type { Role } from './postgres/users.ts'

export type PostgresOptions = {
  /** Default 17. */
  version?: Version
  /** On 127.0.0.1; default any free one. */
  port?: number
  /** Where the data is kept for the next start. Default: a directory of its own, removed by `close`. */
  directory?: string
  /** Whether a directory of its own is kept in memory, where the system offers that and has room. Default false. */
  inMemory?: boolean
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

/**
 * Starts a PostgreSQL of its own with the roles, schemas and privileges of a Supabase project. It ends with `close`, at
 * the latest with this process, however that ends.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const { version = 17, directory } = options
  if (options.port !== undefined) await expectFree(options.port)
  let port = options.port ?? await freePort()

  const identity = serverIdentity()
  const home = await makeHome(directory ?? await ownDirectory(options.inMemory), identity)
  const guard = startGuard(directory === undefined ? home : undefined)
  const data = join(home, 'data')
  const log = join(home, 'postgres.log')
  const settings = serverSettings(directory === undefined, options.settings)
  const passwords = makePasswords()
  const urlFor = (role: Role, database: string) =>
    `postgresql://${users[role]}:${passwords[role]}@127.0.0.1:${port}/${encodeURIComponent(database)}`
  let server: Server | undefined

  async function start(program: string) {
    if (server) return
    const started = await startServer({ program, data, log, port, settings, identity })
    server = started
    guard.watch(started.pid)
    started.gone.then(() => {
      guard.watch(undefined)
      server = undefined
    })
  }

  // Between finding a free port and listening on it, somebody else may have come.
  async function startSomewhere(program: string) {
    for (let tries = options.port === undefined ? 5 : 1; !server; tries--) {
      try {
        await start(program)
      } catch (reason) {
        if (!(reason instanceof PortTaken) || tries === 1) throw reason
        port = await freePort()
      }
    }
  }

  const end = async (signal: NodeJS.Signals) => await server?.end(signal)

  const close = async () => {
    await end('SIGINT')
    await guard.release()
  }

  try {
    expectReach(home, identity)
    const programs = await binaries(version, identity, join(home, `native-${version}`))
    await ensureCluster(data, version, programs, identity)
    await setAdminPassword(data, passwords.admin, programs, identity)
    await startSomewhere(programs.postgres)
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
      start: () => start(programs.postgres),
      kill: () => end('SIGKILL'),
      close,
    }
  } catch (reason) {
    await close()
    throw reason
  }
}

async function makeHome(directory: string, { uid, gid }: Identity): Promise<string> {
  const home = resolve(directory)
  await mkdir(home, { recursive: true, mode: 0o700 })
  // Where everybody may write, somebody else may have been there first, with a link to what is not ours to give away.
  const is = await lstat(home)
  const own = [process.getuid?.(), uid === undefined ? undefined : uid >>> 0].includes(is.uid)
  if (process.getuid && !(is.isDirectory() && own)) {
    throw new SupaqueueError(
      'SQ409',
      `${home} is a link, or of another user of this machine`,
      'Remove it, then try again.',
    )
  }
  // macOS gives its nobody the id -2, which is how spawn wants it; chown wants it without a sign.
  if (uid !== undefined && gid !== undefined) await chown(home, uid >>> 0, gid >>> 0)
  return home
}

/** Linux's file system in memory. A database is hundreds of files: on a disk, making and removing one costs several times as much. */
const IN_MEMORY = '/dev/shm'
const ENOUGH_BYTES = 4 * 1024 ** 3

async function ownDirectory(inMemory = false): Promise<string> {
  const roomy = inMemory && await statfs(IN_MEMORY).then((it) => it.bavail * it.bsize > ENOUGH_BYTES, () => false)
  return await mkdtemp(join(roomy ? IN_MEMORY : tmpdir(), 'supaqueue-'))
}
