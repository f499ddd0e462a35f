import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

const run = randomUUID()

test('a run is told how long its rate limit lets nothing begin', async ({ harness }) => {
  const queue = await harness.queue({ workers: 5 })
  await harness.turn(run, queue)
  await harness.jobs(queue, 5)
  expect((await harness.turn(run, queue)).wait_ms).toBe(null)

  const begun = Date.now()
  await harness.db.query('select supaqueue.set_max_rps($1, 0.1)', [queue])
  const taken = await harness.turn(run, queue, { room: 5 })
  const waiting = await harness.turn(run, queue, { room: 5 })

  expect(taken.jobs).toHaveLength(1)
  expect(waiting.jobs).toHaveLength(0)
  // A quarter of a second is made up for.
  expect(waiting.wait_ms).toBeGreaterThan(9740 - (Date.now() - begun))
  expect(waiting.wait_ms).toBeLessThanOrEqual(10_000)
})
