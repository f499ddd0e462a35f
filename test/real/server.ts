import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { applyDatabase, configureDatabase } from '../../scripts/cli/database/apply.ts'
import { freePort } from '../../scripts/dev/postgres/port.ts'
import { serverIdentity } from '../../scripts/dev/postgres/identity.ts'
import { type Installed, installStandIns } from '../../scripts/dev/standins/standins.ts'
import { until } from '../support/until.ts'

declare module 'vitest' {
  interface ProvidedContext {
    real?: { adminUrl: string; installed: Installed }
  }
}

const programs = '/usr/lib/postgresql/15/bin'

/** A server with real extensions: the one that is named, or a throw-away cluster of Debian's. None: all is skipped. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const named = process.env.SUPAQUEUE_REAL_URL
  const server = named ? { adminUrl: named, stop: async () => {} } : await debianCluster()
  if (!server) {
    console.log(
      "NOTHING beside the real extensions was tested: set SUPAQUEUE_REAL_URL, or install Debian's postgresql-15-cron",
    )
    return async () => {}
  }
  try {
    const installed = await prepare(server.adminUrl)
    for (const [name, kind] of Object.entries(installed)) {
      if (kind === 'stand-in') console.log(`the real ${name} was NOT tested: this server does not have it`)
    }
    project.provide('real', { adminUrl: server.adminUrl, installed })
  } catch (reason) {
    await server.stop()
    throw reason
  }
  return server.stop
}

async function prepare(adminUrl: string): Promise<Installed> {
  const beside = (file: string) => readFile(new URL(`../../scripts/dev/${file}`, import.meta.url), 'utf8')
  const admin = new pg.Client({ connectionString: adminUrl })
  await admin.connect()
  try {
    await admin.query(await beside('roles.sql'))
    await admin.query(await beside('database.sql'))
    await admin.query('drop schema if exists supaqueue, supaqueue_internal cascade')
    await admin.query(
      `do $$ begin execute format('grant create on database %I to postgres', current_database()); end $$`,
    )
  } finally {
    await admin.end()
  }
  const ownerUrl = ownerOf(adminUrl)
  // Before pg_cron: releases before 1.5 know no seconds.
  await applyDatabase(ownerUrl)
  const installed = await installStandIns(adminUrl)
  await configureDatabase(ownerUrl, {
    functionsUrl: 'http://127.0.0.1:9/functions/v1',
    secret: 'the-secret-of-the-tests',
  })
  return installed
}

/** The same database as `postgres`; a server that asks for passwords says so. */
export function ownerOf(adminUrl: string): string {
  const url = new URL(adminUrl)
  url.username = 'postgres'
  return url.href
}

async function debianCluster() {
  if (!existsSync(join(programs, 'initdb')) || !existsSync('/usr/share/postgresql/15/extension/pg_cron.control')) return
  const identity = serverIdentity()
  const folder = mkdtempSync(join(tmpdir(), 'supaqueue-real-'))
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid ?? identity.uid)
  const data = join(folder, 'data')
  execFileSync(join(programs, 'initdb'), [
    '-D',
    data,
    '-U',
    'supabase_admin',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--no-locale',
  ], {
    ...identity,
    cwd: folder,
    stdio: 'pipe',
  })
  const port = await freePort()
  const settings = {
    port,
    unix_socket_directories: folder,
    listen_addresses: '127.0.0.1',
    shared_preload_libraries: 'pg_cron',
    'cron.database_name': 'postgres',
    'cron.use_background_workers': 'on',
    fsync: 'off',
  }
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...identity, cwd: folder, stdio: 'ignore' },
  )
  const adminUrl = `postgresql://supabase_admin@127.0.0.1:${port}/postgres`
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGINT')
      await once(server, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await until(async () => {
      const client = new pg.Client({ connectionString: adminUrl })
      client.on('error', () => {})
      return await client.connect().then(() => client.end()).then(() => true, () => false)
    })
  } catch (reason) {
    await stop()
    throw reason
  }
  return { adminUrl, stop }
}
