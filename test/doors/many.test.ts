import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { openClient } from '../../scripts/dev/client.ts'
import { startGateway } from '../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../scripts/dev/keyring.ts'
import { makeKeys } from '../../scripts/dev/keys.ts'
import { startRestThin } from '../../scripts/dev/rest/thin.ts'
import { makeUndo } from '../../scripts/dev/stack/undo.ts'
import { defineQueue, openQueue } from '../../supabase/functions/_shared/supaqueue/mod.ts'
import { testDatabase } from '../support/database.ts'

// The Data API cuts sets at 1,000 rows. Nothing that supaqueue answers with is cut, however many there are.

const undo = makeUndo()
let owner: pg.Client
let api: ReturnType<typeof openApi>

const openApi = (apiUrl: string, key: string) => {
  const client = openClient({ apiUrl }, key)
  return {
    client,
    rpc: async (name: string, args: object) => {
      const { data } = await client.schema('supaqueue').rpc(name, args).throwOnError()
      return data
    },
  }
}

beforeAll(async () => {
  const database = await testDatabase()
  undo.add(database.drop)
  owner = await database.connect('owner')
  const keys = await makeKeys()
  const rest = await startRestThin({ databaseUrl: database.authenticatorUrl })
  undo.add(rest.stop)
  const gateway = await startGateway({ keyring: makeKeyring(keys) })
  undo.add(gateway.stop)
  gateway.open({ rest, edge: { handle: () => {}, names: () => [] } })
  api = openApi(gateway.url, keys.secret)
})
afterAll(() => undo.run())

let fan: string
beforeEach(async () => {
  await owner.query('delete from supaqueue.queue')
  const { rows } = await owner.query(
    `insert into supaqueue.queue (name, edge_function_name, mode) values ('fan', 'fan', 'pull'), ('merge', 'merge', 'pull')
     returning id`,
  )
  fan = rows[0].id
})

const payloads = Array.from({ length: 1500 }, (_, n) => ({ payload: { n } }))

test('enqueueMany is told of every job, and a merge waits for each and hears from each', async () => {
  const queue = openQueue(api.client, defineQueue('fan', z.object({ n: z.number() })))

  const made = await queue.enqueueMany(payloads)
  const merge = await api.rpc('enqueue', { queue: 'merge', held: true })
  const waitsFor = await api.rpc('depend', { target: merge, sources: made.map(({ id }) => id), on_failure: 'run' })
  const sources = await api.rpc('source_results', { job: merge })

  expect(made).toHaveLength(1500)
  expect(new Set(made.map(({ id }) => id)).size).toBe(1500)
  expect(waitsFor).toBe(1500)
  expect(sources.map(({ payload }: { payload: { n: number } }) => payload.n)).toEqual(payloads.map((_, n) => n))
})

test('pick gives the token of every job that it leases', async () => {
  await api.rpc('enqueue_many', { queue: 'fan', jobs: payloads })
  await owner.query(`select supaqueue.set_concurrency('fan', 1200)`)

  const picked = await api.rpc('pick', { queue: 'fan', most: 1200 })

  const { rows } = await owner.query('select id from supaqueue.current_job')
  expect(rows).toHaveLength(1200)
  expect(picked.map(({ token }: { token: string }) => token).sort()).toEqual(rows.map(({ id }) => id).sort())
})

test.each(['canary', 'reprocess'])('%s names every job that it begins anew', async (name) => {
  await owner.query(
    `insert into supaqueue.job (queue, payload, status, finished_at, error)
     select $1, '{}', 'failed', now(), 'failed' from generate_series(1, 1500)`,
    [fan],
  )
  const { rows: [{ fingerprint }] } = await owner.query('select fingerprint from supaqueue.failures')

  const begun = await api.rpc(name, { queue: 'fan', most: 1500, ...name === 'canary' && { fingerprint } })

  const { rows } = await owner.query(`select id from supaqueue.job where status = 'pending'`)
  expect(rows).toHaveLength(1500)
  expect(begun.sort()).toEqual(rows.map(({ id }) => id).sort())
})
