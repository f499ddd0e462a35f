import { expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const note = (harness: Harness) => harness.db.query('select supaqueue_internal.note_backlog()')
const backlog = async (harness: Harness, queue: string, span = 'minute') =>
  (await harness.db.query(
    'select backlog, oldest_s > 50 as old from supaqueue.history where queue = $1 and span = $2 order by at desc limit 1',
    [queue, span],
  )).rows[0]

test('how many jobs are due is written down, by the minute and the hour; planned ones do not count', async ({ harness }) => {
  const queue = await harness.queue()
  await harness.job(queue, { due: '-1 minute' })
  await harness.job(queue, { due: '-2 minutes' })
  await harness.job(queue, { due: '1 hour' })
  await note(harness)

  expect(await backlog(harness, queue)).toEqual({ backlog: 2, old: true })
  expect(await backlog(harness, queue, 'hour')).toEqual({ backlog: 2, old: true })
})

test('that it is empty again, too, and of queues that never had one nothing', async ({ harness }) => {
  const [queue, idle] = [await harness.queue(), await harness.queue()]
  await harness.db.query(
    `insert into supaqueue.history (queue, span, at, backlog)
     values ($1, 'minute', date_trunc('minute', now()) - interval '1 minute', 5)`,
    [queue],
  )
  await note(harness)

  expect(await backlog(harness, queue)).toMatchObject({ backlog: 0 })
  expect(await backlog(harness, idle)).toBeUndefined()
})
