import { expect } from 'vitest'
import { test } from '../../../support/own.ts'

test('deletes nothing of the last day, whoever asks for it', async ({ harness }) => {
  await harness.queue()

  const { rows } = await harness.db.query(`select supaqueue_internal.forget_acts('infinity', 1000) as times`)

  expect(rows).toEqual([{ times: 0 }])
})

test('deletes the oldest first, and no more than was asked for', async ({ database, harness }) => {
  await harness.queue()
  await harness.queue()
  const owner = await database.connect('owner')
  await owner.query(`update supaqueue.audit set at = now() - interval '2 days' - id * interval '1 hour'`)
  const { rows: [oldest] } = await owner.query('select max(id) as id from supaqueue.audit')

  expect((await harness.db.query(`select supaqueue_internal.forget_acts(now(), 1) as times`)).rows).toEqual([{
    times: 1,
  }])
  expect((await owner.query('select from supaqueue.audit where id = $1', [oldest.id])).rowCount).toBe(0)
})
