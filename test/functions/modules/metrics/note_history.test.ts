import { expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { fold, happened } from './counters.ts'

const history = async (harness: Harness, queue: string) =>
  (await harness.db.query(
    `select span, sum(succeeded)::integer as succeeded, sum(retried)::integer as retried,
       sum((calls ->> '4')::integer)::integer as calls, sum(calls_ms) as ms
     from supaqueue.history where queue = $1 group by span order by span`,
    [queue],
  )).rows

test('each sweep adds what happened to its minute and its hour', async ({ harness }) => {
  const queue = await harness.queue()
  await fold(harness)
  await happened(harness, queue, { ended: ['success', 'retried'], call_ms: [3, 4] })
  await fold(harness)
  await happened(harness, queue, { ended: ['success'], call_ms: [4] })
  await fold(harness)

  const all = { succeeded: 2, retried: 1, calls: 3, ms: 11 }
  expect(await history(harness, queue)).toEqual([{ span: 'hour', ...all }, { span: 'minute', ...all }])
})

test('where nothing happened, or only wake-ups, no row is written', async ({ harness }) => {
  const queue = await harness.queue()
  await happened(harness, queue, { wake_ups: 1, turn_ms: 3 })
  await fold(harness)

  expect(await history(harness, queue)).toEqual([])
})

test('that it cannot be written stops no counter, and is said', async ({ database, harness }) => {
  const queue = await harness.queue()
  const owner = await database.connect('owner')
  await owner.query(
    `alter table supaqueue.history add constraint nothing_of_this_one check (queue <> '${queue}') not valid`,
  )
  await happened(harness, queue, { ended: ['success'] })
  await fold(harness)
  await owner.query('alter table supaqueue.history drop constraint nothing_of_this_one')

  const { rows } = await harness.db.query(
    `select succeeded, (select reason from supaqueue.trouble where kind = 'counters' and subject = counter.queue::text) as reason
     from supaqueue.counter where queue = $1`,
    [queue],
  )
  expect(rows).toEqual([{ succeeded: 1, reason: expect.stringContaining('the history lacks what happened') }])
  await harness.db.query('delete from supaqueue.trouble')
})
