import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/own.ts'

test('the first turn of a run says that there was one, and which secrets it knows', async ({ house }) => {
  const run = randomUUID()
  await house.turn(run, await house.queue(), { hello: true, fingerprints: ['0a0b0c0d'] })

  const { rows: [row] } = await house.db.query('select * from supaqueue.dispatch')
  expect(row).toMatchObject({ run, fingerprints: ['0a0b0c0d'], run_at: expect.any(Date) })
})

test('is written once a second at most, and keeps what an older dispatcher does not say', async ({ house }) => {
  const queue = await house.queue()
  const first = randomUUID()
  await house.turn(first, queue, { hello: true, fingerprints: ['0a0b0c0d'] })
  await house.turn(randomUUID(), queue, { hello: true, fingerprints: ['0a0b0c0d'] })

  const { rows: [row] } = await house.db.query('select * from supaqueue.dispatch')
  expect(row).toMatchObject({ run: first, fingerprints: ['0a0b0c0d'] })
})

test('waits for nobody who holds the row', async ({ database, house }) => {
  const other = await database.connect()
  await other.query('begin')
  await other.query('select from supaqueue.dispatch for update')
  await house.impatient()

  await house.turn(randomUUID(), await house.queue(), { hello: true })
  await other.query('rollback')
})
