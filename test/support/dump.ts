import { execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The versions of servers that this machine has programs for, with the folder of these. One without is named. */
export function servers(): [version: 15 | 17, programs: string][] {
  const versions = [15, 17] as const
  return versions.flatMap((version): [15 | 17, string][] => {
    const programs = clientPrograms(version)
    if (programs) return [[version, programs]]
    console.warn(`No pg_dump of PostgreSQL ${version} or later on this machine: dumps of such a server are not tested.`)
    return []
  })
}

/** PostgreSQL's own programs, of the lowest version that can dump this server; undefined where this machine has none. */
function clientPrograms(version: number): string | undefined {
  const home = '/usr/lib/postgresql'
  const found = (existsSync(home) ? readdirSync(home) : [])
    .filter((name) => Number(name) >= version && existsSync(join(home, name, 'bin/pg_dump')))
    .sort((one, other) => Number(one) - Number(other))[0]
  return found && join(home, found, 'bin')
}

const environmentOf = (databaseUrl: string): NodeJS.ProcessEnv => {
  const url = new URL(databaseUrl)
  return {
    ...process.env,
    PGHOST: url.hostname,
    PGPORT: url.port,
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: decodeURIComponent(url.pathname.slice(1)),
  }
}

/** What pg_dump writes of a database, as text. */
export async function dump(programs: string, databaseUrl: string, options: string[]): Promise<string> {
  const { stdout } = await run(join(programs, 'pg_dump'), options, {
    env: environmentOf(databaseUrl),
    maxBuffer: 2 ** 28,
  })
  return stdout
}

/** Has psql run a text, all of it or nothing. Throws what it said when it stopped. */
export async function restore(programs: string, databaseUrl: string, text: string): Promise<void> {
  const psql = spawn(join(programs, 'psql'), ['-qX', '--single-transaction', '-v', 'ON_ERROR_STOP=1'], {
    env: environmentOf(databaseUrl),
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let said = ''
  psql.stderr.setEncoding('utf8').on('data', (text) => said += text)
  psql.stdin.on('error', () => {})
  psql.stdin.end(text)
  const code = await new Promise((done) => psql.on('close', done))
  if (code !== 0) throw new Error(said)
}
