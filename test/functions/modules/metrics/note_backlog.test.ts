import { expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const note = (house: House) => house.db.query('select supaqueue_internal.note_backlog()')
const backlog = async (house: House, queue: string, span = 'minute') =>
  (await house.db.query(
    'select backlog, oldest_s > 50 as old from supaqueue.history where queue = $1 and span = $2 order by at desc limit 1',
    [queue, span],
  )).rows[0]

test('how many jobs are due is written down, by the minute and the hour; planned ones do not count', async ({ house }) => {
  const queue = await house.queue()
  await house.job(queue, { due: '-1 minute' })
  await house.job(queue, { due: '-2 minutes' })
  await house.job(queue, { due: '1 hour' })
  await note(house)

  expect(await backlog(house, queue)).toEqual({ backlog: 2, old: true })
  expect(await backlog(house, queue, 'hour')).toEqual({ backlog: 2, old: true })
})

test('that it is empty again, too, and of queues that never had one nothing', async ({ house }) => {
  const [queue, idle] = [await house.queue(), await house.queue()]
  await house.db.query(
    `insert into supaqueue.history (queue, span, at, backlog)
     values ($1, 'minute', date_trunc('minute', now()) - interval '1 minute', 5)`,
    [queue],
  )
  await note(house)

  expect(await backlog(house, queue)).toMatchObject({ backlog: 0 })
  expect(await backlog(house, idle)).toBeUndefined()
})
