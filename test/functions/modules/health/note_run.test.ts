import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/own.ts'

test('the first turn of a run says that there was one, and which secrets it knows', async ({ harness }) => {
  const run = randomUUID()
  await harness.turn(run, await harness.queue(), { hello: true, fingerprints: ['0a0b0c0d'] })

  const { rows: [row] } = await harness.db.query('select * from supaqueue.dispatch')
  expect(row).toMatchObject({ run, fingerprints: ['0a0b0c0d'], run_at: expect.any(Date) })
})

test('is written once a second at most, and keeps what an older dispatcher does not say', async ({ harness }) => {
  const queue = await harness.queue()
  const first = randomUUID()
  await harness.turn(first, queue, { hello: true, fingerprints: ['0a0b0c0d'] })
  await harness.turn(randomUUID(), queue, { hello: true, fingerprints: ['0a0b0c0d'] })

  const { rows: [row] } = await harness.db.query('select * from supaqueue.dispatch')
  expect(row).toMatchObject({ run: first, fingerprints: ['0a0b0c0d'] })
})

test('waits for nobody who holds the row', async ({ database, harness }) => {
  const other = await database.connect()
  await other.query('begin')
  await other.query('select from supaqueue.dispatch for update')
  await harness.impatient()

  await harness.turn(randomUUID(), await harness.queue(), { hello: true })
  await other.query('rollback')
})
