import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('a queue that loses its rate limit begins what the limit held back', async ({ harness }) => {
  const queue = await harness.queue({ workers: 3 })
  await harness.db.query('select supaqueue.set_max_rps($1, 0.001)', [queue])
  await harness.jobs(queue, 3)
  const begun = async () =>
    (await harness.db.query('select count(*) from supaqueue.current_job where queue = $1', [queue])).rows[0].count
  const before = await begun()
  await harness.db.query(`update supaqueue.heartbeat set awake_until = '-infinity' where queue = $1`, [queue])

  await harness.update('queue', queue, { rate_limit: null })

  expect([before, await begun()]).toEqual([1, 3])
})
