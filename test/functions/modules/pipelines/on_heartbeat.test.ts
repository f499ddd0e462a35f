import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { pipeline } from '../../../support/pipeline.ts'

test('what waits to be looked at again is looked at when a leader says that it is still there, not in every turn', async ({ house }) => {
  const { notes } = pipeline(house)
  const [queue, run] = [await house.queue(), randomUUID()]
  const [job] = await house.jobs(await house.queue(), 1)
  await house.turn(run, queue)
  await house.db.query('insert into supaqueue.unsettled (job) values ($1)', [job])

  await house.turn(run, queue)
  expect(await notes(job!)).toBe(1)
  await house.age('heartbeat', queue)
  // age wrote the heartbeat, and so looked itself.
  await house.db.query('insert into supaqueue.unsettled (job) values ($1)', [job])
  await house.turn(run, queue)

  expect(await notes(job!)).toBe(0)
})
