import { expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { fold, happened } from './counters.ts'

const history = async (house: House, queue: string) =>
  (await house.db.query(
    `select span, sum(succeeded)::integer as succeeded, sum(retried)::integer as retried,
       sum((calls ->> '4')::integer)::integer as calls, sum(calls_ms) as ms
     from supaqueue.history where queue = $1 group by span order by span`,
    [queue],
  )).rows

test('each sweep adds what happened to its minute and its hour', async ({ house }) => {
  const queue = await house.queue()
  await fold(house)
  await happened(house, queue, { ended: ['success', 'retried'], call_ms: [3, 4] })
  await fold(house)
  await happened(house, queue, { ended: ['success'], call_ms: [4] })
  await fold(house)

  const all = { succeeded: 2, retried: 1, calls: 3, ms: 11 }
  expect(await history(house, queue)).toEqual([{ span: 'hour', ...all }, { span: 'minute', ...all }])
})

test('where nothing happened, or only wake-ups, no row is written', async ({ house }) => {
  const queue = await house.queue()
  await happened(house, queue, { wake_ups: 1, turn_ms: 3 })
  await fold(house)

  expect(await history(house, queue)).toEqual([])
})

test('that it cannot be written stops no counter, and is said', async ({ database, house }) => {
  const queue = await house.queue()
  const owner = await database.connect('owner')
  await owner.query(
    `alter table supaqueue.history add constraint nothing_of_this_one check (queue <> '${queue}') not valid`,
  )
  await happened(house, queue, { ended: ['success'] })
  await fold(house)
  await owner.query('alter table supaqueue.history drop constraint nothing_of_this_one')

  const { rows } = await house.db.query(
    `select succeeded, (select reason from supaqueue.trouble where kind = 'counters' and subject = counter.queue::text) as reason
     from supaqueue.counter where queue = $1`,
    [queue],
  )
  expect(rows).toEqual([{ succeeded: 1, reason: expect.stringContaining('the history lacks what happened') }])
  await house.db.query('delete from supaqueue.trouble')
})
