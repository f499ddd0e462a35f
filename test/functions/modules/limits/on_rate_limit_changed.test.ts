import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/house.ts'

test('a limit that is changed wakes the queues that have it', async ({ house }) => {
  const run = randomUUID()
  await house.db.query(`select supaqueue.set_rate_limit('slow', 0.001)`)
  const [queue, other] = [await house.queue({ workers: 3, rate_limit: 'slow' }), await house.queue({ workers: 3 })]
  await house.turn(run, queue)
  await house.jobs(queue, 3)
  await house.take(run, queue)
  await house.sleep(queue, run)
  const before = await house.wakeUps(queue)

  await house.db.query(`select supaqueue.set_rate_limit('slow', 1000, 5)`)

  expect(await house.wakeUps(queue) - before).toBe(1)
  expect(await house.wakeUps(other)).toBe(0)
})
