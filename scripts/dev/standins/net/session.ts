import type pg from 'pg'
import { Client } from '../../../cli/connection/client.ts'
import { SupaqueueError } from '../../../../supabase/functions/_shared/supaqueue/errors.ts'

/** The worker's two connections: a transaction that waits for answers hears no notifications. */
export type Session = {
  client: pg.Client
  /** Rejects as soon as either connection is lost. */
  lost: Promise<never>
  /** Ends both; what is not committed is rolled back by then. */
  end(): Promise<void>
}

/** Connects, and calls `hear` with the payload of each notification. */
export async function openSession(databaseUrl: string, hear: (payload: string) => void): Promise<Session> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'pg_net stand-in' })
  const listener = new Client({ connectionString: databaseUrl, application_name: 'pg_net stand-in, listening' })
  const lost = Promise.race([whenLost(client), whenLost(listener)])
  // Who waits for it hears of it; when nobody does at the moment, it is no crash.
  lost.catch(() => {})

  const end = async () => {
    // A connection that ends in the middle of a query leaves a backend behind that still holds its locks.
    await client.query('rollback').catch(() => {})
    await Promise.allSettled([client.end(), listener.end()])
  }

  try {
    await listener.connect()
    listener.on('notification', ({ payload }) => hear(payload ?? ''))
    await listener.query('listen "pg_net stand-in"')
    await client.connect()
    await expectNet(client)
  } catch (reason) {
    await Promise.allSettled([client.end(), listener.end()])
    throw reason
  }
  return { client, lost, end }
}

async function expectNet(client: pg.Client) {
  const { rows: [found] } = await client.query(`select to_regclass('net.http_request_queue') is not null as net`)
  if (found.net) return
  throw new SupaqueueError(
    'SQ501',
    'The database has no net.http_request_queue for the worker to serve.',
    'Call installStandIns (scripts/dev/standins/standins.ts) with this database first.',
  )
}

const whenLost = (client: pg.Client): Promise<never> =>
  new Promise((_, reject) => {
    client.on('error', reject)
    client.on('end', () => reject(new Error('the connection has ended')))
  })
