import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { TEMPLATE } from './cluster.ts'

// Numbers as numbers: no id or count in a test comes near to what JavaScript cannot hold.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

export type TestDatabase = {
  name: string
  adminUrl: string
  ownerUrl: string
  authenticatorUrl: string
  /** A new connection that acts as the given role of PostgreSQL; ended by `drop` if not before. */
  connect(role?: 'service_role' | 'anon' | 'authenticated' | 'owner' | 'admin'): Promise<pg.Client>
  drop(): Promise<void>
}

let administrator: Promise<pg.Client> | undefined

/** Runs a statement on the server of all tests, over one connection for each process. It does not keep the process alive. */
async function asAdmin(statement: string): Promise<void> {
  administrator ??= connectAsAdmin()
  administrator.catch(() => administrator = undefined)
  await (await administrator).query(statement)
}

async function connectAsAdmin(): Promise<pg.Client> {
  const admin = new pg.Client({ connectionString: inject('cluster').adminUrl })
  admin.on('error', () => administrator = undefined)
  await admin.connect()
  // Its types do not know of it.
  void (admin as pg.Client & { unref(): void }).unref()
  return admin
}

/** A database of the test's own, copied from the template. */
export async function testDatabase(template = TEMPLATE): Promise<TestDatabase> {
  const cluster = inject('cluster')
  const name = `test_${randomBytes(6).toString('hex')}`
  // By copying its files: the other way writes each page into the log as well, which takes twice as long.
  await asAdmin(`create database ${name} template ${template} owner postgres strategy file_copy`)

  const clients: pg.Client[] = []
  const urls = {
    adminUrl: named(cluster.adminUrl, name),
    ownerUrl: named(cluster.ownerUrl, name),
    authenticatorUrl: named(cluster.authenticatorUrl, name),
  }
  return {
    name,
    ...urls,
    async connect(role = 'service_role') {
      const url = role === 'admin' ? urls.adminUrl : role === 'owner' ? urls.ownerUrl : urls.authenticatorUrl
      const client = new pg.Client({ connectionString: url })
      // A connection that a test kills or drops says so by this event; the test finds out by its next query.
      client.on('error', () => {})
      await client.connect()
      if (role !== 'admin' && role !== 'owner') {
        await client.query(`set role ${role}`)
        await client.query('set statement_timeout = 0')
      }
      clients.push(client)
      return client
    },
    async drop() {
      await Promise.all(clients.map((client) => client.end().catch(() => {})))
      await asAdmin(`drop database if exists ${name} with (force)`)
    },
  }
}

function named(url: string, database: string): string {
  const renamed = new URL(url)
  renamed.pathname = `/${database}`
  return renamed.href
}
