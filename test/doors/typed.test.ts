import { randomUUID } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../scripts/dev/keyring.ts'
import { makeKeys } from '../../scripts/dev/keys.ts'
import { startRestLite } from '../../scripts/dev/rest/lite.ts'
import { makeUndo } from '../../scripts/dev/stack/undo.ts'
import type { Database } from '../../supabase/functions/_shared/supaqueue/database_types.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { harness as harnessOf } from '../support/harness.ts'

const keys = await makeKeys()
const undo = makeUndo()
let database: TestDatabase
let url: string

beforeAll(async () => {
  database = await testDatabase()
  undo.add(database.drop)
  const rest = await startRestLite({
    databaseUrl: database.ownerUrl,
    authenticatorUrl: database.authenticatorUrl,
    connections: 2,
  })
  undo.add(rest.stop)
  const gateway = await startGateway({ keyring: makeKeyring(keys) })
  undo.add(gateway.stop)
  gateway.open({ rest, edge: { handle: () => {}, names: () => [] } })
  url = gateway.url
})
afterAll(() => undo.run())

const client = () =>
  createClient<Database>(url, keys.secret, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: Object as never },
  })

test('supabase-js enqueues by insert and by rpc with the types of the schema, and reads what it wrote', async () => {
  const queue = await harnessOf(await database.connect()).queue({ name: 'typed' })
  const supaqueue = client().schema('supaqueue')

  const inserted = await supaqueue.from('job').insert({ queue, payload: { n: 1 } }).select('id, status, payload')
    .single()
  const enqueued = await supaqueue.rpc('enqueue', { queue: 'typed', payload: { n: 2 }, dedupe_key: 'two' })
  const read = await supaqueue.from('job').select('id, dedupe_key').eq('queue', queue).order('id')

  const status: Database['supaqueue']['Enums']['job_status'] | undefined = inserted.data?.status
  expect(status).toBe('pending')
  expect(inserted.data).toMatchObject({ payload: { n: 1 } })
  expect(read.data).toEqual([{ id: inserted.data?.id, dedupe_key: null }, { id: enqueued.data, dedupe_key: 'two' }])
})

test('supabase-js is told by the compiler what the schema does not have', async () => {
  const supaqueue = client().schema('supaqueue')
  const nowhere = randomUUID()

  // @ts-expect-error no such column
  const wrongColumn = await supaqueue.from('job').insert({ queue: nowhere, paylod: {} })
  // @ts-expect-error an argument of another type
  const wrongArgument = await supaqueue.rpc('enqueue', { queue: 'typed', priority: 'high' })
  // @ts-expect-error the id is the database's to give
  const ownId = await supaqueue.from('job').insert({ queue: nowhere, id: 7 })
  // @ts-expect-error no such status
  const wrongStatus = await supaqueue.from('job').update({ status: 'done' }).gt('id', 0)

  for (const { error } of [wrongColumn, wrongArgument, ownId, wrongStatus]) expect(error).not.toBe(null)
})
