import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'

test('reads so many notes, the oldest first, and leaves none that it settled', async ({ harness }) => {
  const { notes } = pipeline(harness)
  const jobs = await harness.jobs(await harness.queue(), 3)
  for (const job of jobs) await harness.db.query('insert into supaqueue.unsettled (job) values ($1)', [job])

  const { rows: [{ noted }] } = await harness.db.query('select supaqueue_internal.look_again(2) as noted')

  expect(noted).toBe(2)
  expect([await notes(jobs[0]!), await notes(jobs[1]!), await notes(jobs[2]!)]).toEqual([0, 0, 1])
  await harness.db.query('delete from supaqueue.unsettled')
})

test('passes over notes that another session is just reading', async ({ harness, another }) => {
  const { lookAgain } = pipeline(harness)
  const [job] = await harness.jobs(await harness.queue(), 1)
  await harness.db.query('insert into supaqueue.unsettled (job) values ($1)', [job])
  const other = await another()
  await harness.impatient()
  await other.begin()
  expect(await pipeline(other).lookAgain()).toBe(1)

  expect(await lookAgain()).toBe(0)

  await other.rollback()
  expect(await lookAgain()).toBe(1)
})

test('forgets notes about jobs that are gone', async ({ harness }) => {
  const { lookAgain, notes } = pipeline(harness)
  await harness.db.query('insert into supaqueue.unsettled (job) values (999999999)')

  expect(await lookAgain()).toBe(1)

  expect(await notes(999_999_999)).toBe(0)
})

test('settles nothing by an older snapshot, and keeps the notes', async ({ harness }) => {
  const { lookAgain } = pipeline(harness)
  const [job] = await harness.jobs(await harness.queue(), 1)
  await harness.db.query('insert into supaqueue.unsettled (job) values ($1)', [job])

  expect(await harness.transaction(lookAgain, 'repeatable read')).toBe(0)

  expect(await lookAgain()).toBe(1)
})

test('happens when a run begins to keep a queue, any queue, and when it falls asleep', async ({ harness }) => {
  const { notes } = pipeline(harness)
  const [queue, run] = [await harness.queue({ workers: 1 }), randomUUID()]
  const [job] = await harness.jobs(await harness.queue(), 1)
  const note = () => harness.db.query('insert into supaqueue.unsettled (job) values ($1)', [job])

  await note()
  await harness.turn(run, queue)
  expect(await notes(job!)).toBe(0)
  await note()
  await harness.sleep(queue, run)

  expect(await notes(job!)).toBe(0)
})
