import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { pipeline } from '../../../support/pipeline.ts'

test('reads so many notes, the oldest first, and leaves none that it settled', async ({ house }) => {
  const { notes } = pipeline(house)
  const jobs = await house.jobs(await house.queue(), 3)
  for (const job of jobs) await house.db.query('insert into supaqueue.unsettled (job) values ($1)', [job])

  const { rows: [{ noted }] } = await house.db.query('select supaqueue_internal.look_again(2) as noted')

  expect(noted).toBe(2)
  expect([await notes(jobs[0]!), await notes(jobs[1]!), await notes(jobs[2]!)]).toEqual([0, 0, 1])
  await house.db.query('delete from supaqueue.unsettled')
})

test('passes over notes that another session is just reading', async ({ house, another }) => {
  const { lookAgain } = pipeline(house)
  const [job] = await house.jobs(await house.queue(), 1)
  await house.db.query('insert into supaqueue.unsettled (job) values ($1)', [job])
  const other = await another()
  await house.impatient()
  await other.begin()
  expect(await pipeline(other).lookAgain()).toBe(1)

  expect(await lookAgain()).toBe(0)

  await other.rollback()
  expect(await lookAgain()).toBe(1)
})

test('forgets notes about jobs that are gone', async ({ house }) => {
  const { lookAgain, notes } = pipeline(house)
  await house.db.query('insert into supaqueue.unsettled (job) values (999999999)')

  expect(await lookAgain()).toBe(1)

  expect(await notes(999_999_999)).toBe(0)
})

test('settles nothing by an older snapshot, and keeps the notes', async ({ house }) => {
  const { lookAgain } = pipeline(house)
  const [job] = await house.jobs(await house.queue(), 1)
  await house.db.query('insert into supaqueue.unsettled (job) values ($1)', [job])

  expect(await house.transaction(lookAgain, 'repeatable read')).toBe(0)

  expect(await lookAgain()).toBe(1)
})

test('happens when a run begins to keep a queue, any queue, and when it falls asleep', async ({ house }) => {
  const { notes } = pipeline(house)
  const [queue, run] = [await house.queue({ workers: 1 }), randomUUID()]
  const [job] = await house.jobs(await house.queue(), 1)
  const note = () => house.db.query('insert into supaqueue.unsettled (job) values ($1)', [job])

  await note()
  await house.turn(run, queue)
  expect(await notes(job!)).toBe(0)
  await note()
  await house.sleep(queue, run)

  expect(await notes(job!)).toBe(0)
})
