import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'

test('what waits to be looked at again is looked at when a leader says that it is still there, not in every turn', async ({ harness }) => {
  const { notes } = pipeline(harness)
  const [queue, run] = [await harness.queue(), randomUUID()]
  const [job] = await harness.jobs(await harness.queue(), 1)
  await harness.turn(run, queue)
  await harness.db.query('insert into supaqueue.unsettled (job) values ($1)', [job])

  await harness.turn(run, queue)
  expect(await notes(job!)).toBe(1)
  await harness.age('heartbeat', queue)
  // age wrote the heartbeat, and so looked itself.
  await harness.db.query('insert into supaqueue.unsettled (job) values ($1)', [job])
  await harness.turn(run, queue)

  expect(await notes(job!)).toBe(0)
})
