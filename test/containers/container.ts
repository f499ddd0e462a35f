import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { GenericContainer, Wait } from 'testcontainers'
import type { TestProject } from 'vitest/node'
import { freePort } from '../../scripts/dev/postgres/port.ts'
import { givenDatabase } from '../../scripts/dev/stack/database.ts'
import { until } from '../support/until.ts'

/** One PostgreSQL in a container for all tests, in the network of this machine: its pg_net must reach our functions. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const image = process.env.SUPAQUEUE_TEST_IMAGE
  if (!image) throw new Error('SUPAQUEUE_TEST_IMAGE is not set: run pnpm test:containers')
  const password = randomBytes(16).toString('hex')
  const port = await freePort()
  const isSupabase = image.includes('supabase/postgres')

  const container = await new GenericContainer(image)
    .withNetworkMode('host')
    .withEnvironment({ POSTGRES_USER: 'supabase_admin', POSTGRES_PASSWORD: password, POSTGRES_DB: 'postgres' })
    .withCommand([
      'postgres',
      ...(isSupabase ? ['-c', 'config_file=/etc/postgresql/postgresql.conf'] : []),
      ...['-c', `port=${port}`, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'],
    ])
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/))
    .start()
  try {
    const url = (role: string) => `postgresql://${role}:${password}@127.0.0.1:${port}/postgres`
    const adminUrl = url('supabase_admin')
    // An image may start, set itself up and start again: reachable twice, and the second time is the one.
    await until(() => answers(adminUrl))
    await givenDatabase(adminUrl)
    await run(
      adminUrl,
      ['postgres', 'authenticator'].map((role) => `alter role ${role} login password '${password}';`).join('') +
        'alter database postgres owner to postgres; grant all on schema public to postgres',
    )
    project.provide('cluster', { adminUrl, ownerUrl: url('postgres'), authenticatorUrl: url('authenticator') })
  } catch (reason) {
    await container.stop()
    throw reason
  }
  return async () => void await container.stop()
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

const answers = (url: string): Promise<boolean> => run(url, 'select 1').then(() => true, () => false)
