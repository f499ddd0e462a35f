import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('minutes go after a day, hours after a month, and all of a queue that is gone', async ({ harness }) => {
  const [queue, gone] = [await harness.queue(), await harness.queue()]
  await harness.db.query(
    `insert into supaqueue.history (queue, span, at)
     select queue, span, date_trunc(span, now() - age::interval)
     from unnest($1::uuid[]) as queue cross join (values
       ('minute', '23 hours'), ('minute', '25 hours'), ('hour', '25 hours'), ('hour', '30 days'), ('hour', '32 days')
     ) as entry (span, age)`,
    [[queue, gone]],
  )
  await harness.delete('queue', gone)
  await harness.db.query('select supaqueue_internal.prune_history()')

  const { rows } = await harness.db.query(
    `select queue, span, extract(epoch from now() - at) < 86400 * 2 as young from supaqueue.history
     where queue = any ($1) order by span, at`,
    [[queue, gone]],
  )
  expect(rows).toEqual([
    { queue, span: 'hour', young: false },
    { queue, span: 'hour', young: true },
    { queue, span: 'minute', young: true },
  ])
})
