import { chownSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { main } from '../../../../scripts/cli/main.ts'
import { binaries } from '../../../../scripts/dev/postgres/binaries.ts'
import { ensureCluster, setAdminPassword } from '../../../../scripts/dev/postgres/cluster.ts'
import { serverIdentity } from '../../../../scripts/dev/postgres/identity.ts'
import { freePort } from '../../../../scripts/dev/postgres/port.ts'
import { startServer } from '../../../../scripts/dev/postgres/server.ts'
import { serverSettings } from '../../../../scripts/dev/postgres/settings.ts'
import { silentDeps } from '../../../support/management_api/terminal.ts'

export const PASSWORD = 'a-long-password'

/**
 * A PostgreSQL 17 as initdb leaves it: no role, no schema and no extension of Supabase. `app` may make roles; `app` and `cut` are
 * databases of its own, and `root` is one of the superuser.
 */
export async function startBare() {
  const identity = serverIdentity()
  const home = await mkdtemp(join(tmpdir(), 'supaqueue-bare-'))
  await mkdir(join(home, 'data'), { mode: 0o700 })
  if (identity.uid !== undefined) {
    for (const path of [home, join(home, 'data')]) chownSync(path, identity.uid, identity.gid!)
  }
  const programs = await binaries(17, identity, join(home, 'programs'))
  await ensureCluster(join(home, 'data'), 17, programs, identity)
  await setAdminPassword(join(home, 'data'), PASSWORD, programs, identity)
  const port = await freePort()
  const server = await startServer({
    program: programs.postgres,
    data: join(home, 'data'),
    log: join(home, 'log'),
    port,
    settings: serverSettings(true),
    identity,
  })
  const connected: pg.Client[] = []
  const urlOf = (user: string, database: string) => `postgresql://${user}:${PASSWORD}@127.0.0.1:${port}/${database}`
  const connect = async (url: string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    connected.push(client)
    return client
  }
  const admin = await connect(urlOf('supabase_admin', 'postgres'))
  await admin.query(`create role app login createrole password '${PASSWORD}'`)
  await admin.query('create database app owner app')
  await admin.query('create database cut owner app')
  await admin.query('create database root')

  return {
    urlOf,
    connect,
    roles: async (): Promise<string[]> =>
      (await admin.query(`select rolname as name from pg_roles where rolname !~ '^pg_' order by 1`)).rows.map((
        { name },
      ) => name),
    async stop() {
      for (const client of connected) await client.end().catch(() => {})
      await server.end('SIGINT')
      await rm(home, { recursive: true, force: true })
    },
  }
}

export type Bare = Awaited<ReturnType<typeof startBare>>

/** Runs the program, and returns what it said. */
export async function run(args: string[], env: Record<string, string>): Promise<{ code: number; out: string }> {
  const out: string[] = []
  const said = (line: string) => void out.push(line)
  const code = await main(args, { ...silentDeps({ env, cwd: '/nowhere' }), say: said, note: said })
  return { code, out: out.join('\n') }
}
