import { expect } from 'vitest'
import { test } from '../../../support/own.ts'

test('a queue is slow while a row of it takes more than a second, and no other', async ({ harness }) => {
  const [queue, other] = [await harness.queue(), await harness.queue()]
  const note = (of: string, ago: string) =>
    harness.db.query('select supaqueue_internal.note_pace($1, clock_timestamp() - $2::interval)', [of, ago])
  const slow = async () => (await harness.db.query('select queue, tries from supaqueue.trouble')).rows

  await note(queue, '2 hours')
  await note(queue, '2 hours')
  await note(other, '-1 hour')
  expect(await slow()).toEqual([{ queue, tries: 2 }])

  await note(queue, '-1 hour')
  expect(await slow()).toEqual([])
})

test('once a row has waited for a lock, how long the others take says nothing', async ({ harness }) => {
  const queue = await harness.queue()
  await harness.begin()
  await harness.db.query(`set local lock_timeout = '20ms'`)

  await harness.db.query(`select supaqueue_internal.note_pace($1, clock_timestamp() - interval '2 hours')`, [queue])

  expect((await harness.db.query('select from supaqueue.trouble')).rowCount).toBe(0)
  await harness.rollback()
})
