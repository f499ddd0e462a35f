import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('a limit that is changed wakes the queues that have it', async ({ harness }) => {
  const run = randomUUID()
  await harness.db.query(`select supaqueue.set_rate_limit('slow', 0.001)`)
  const [queue, other] = [await harness.queue({ workers: 3, rate_limit: 'slow' }), await harness.queue({ workers: 3 })]
  await harness.turn(run, queue)
  await harness.jobs(queue, 3)
  await harness.take(run, queue)
  await harness.sleep(queue, run)
  const before = await harness.wakeUps(queue)

  await harness.db.query(`select supaqueue.set_rate_limit('slow', 1000, 5)`)

  expect(await harness.wakeUps(queue) - before).toBe(1)
  expect(await harness.wakeUps(other)).toBe(0)
})
