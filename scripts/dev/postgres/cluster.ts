import { spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Binaries, Version } from './binaries.ts'
import type { Identity } from './identity.ts'

/** Makes the data directory unless there is one, of this version. */
export async function ensureCluster(data: string, version: Version, programs: Binaries, identity: Identity) {
  if (existsSync(join(data, 'PG_VERSION'))) return expectVersion(data, version)

  await run(programs.initdb, [
    `--pgdata=${data}`,
    '--username=supabase_admin',
    '--auth=scram-sha-256',
    // Nobody can log in until setAdminPassword has run; there are no sockets for `local` to apply to.
    '--auth-local=trust',
    '--auth-host=scram-sha-256',
    '--encoding=UTF8',
    // Of the locales with UTF-8, none is on every Linux and macOS.
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ], { ...identity, cwd: '/' })
}

/**
 * Gives the superuser its password for this run of the server. Done without a server, over standard input: the
 * password is in no file and on no command line.
 */
export async function setAdminPassword(data: string, password: string, programs: Binaries, identity: Identity) {
  await run(
    programs.postgres,
    ['--single', '-c', 'fsync=off', '-D', data, 'postgres'],
    { ...identity, cwd: data },
    `alter role supabase_admin password '${password}'\n`,
  )
}

function expectVersion(data: string, version: Version) {
  const found = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
  if (found === `${version}`) return
  throw new SupaqueueError(
    'SQ409',
    `${data} was made by PostgreSQL ${found}, and ${version} cannot read it.`,
    `Start version ${found}, or choose another directory.`,
  )
}

async function run(program: string, flags: string[], options: SpawnOptions, input = '') {
  const child = spawn(program, flags, { ...options, stdio: 'pipe', env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } })
  child.stdin?.end(input)
  const output = Promise.all([text(child.stdout!), text(child.stderr!)])
  const [code] = await once(child, 'close')
  if (code === 0) return
  const [, problem] = await output
  throw new SupaqueueError(
    'SQ500',
    `PostgreSQL could not make its data directory:\n${problem.trim()}`,
    'Its last lines say why. Is there room on the disk, and may the directory be written to?',
  )
}
