import { expect } from 'vitest'
import { failedJob, statuses } from '../../../support/failures.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'
import { acts } from '../audit/acts.ts'
import { discardWhere, progressOf, retryWhere, undo } from './bulk.ts'

test('makes the jobs of a retry that have not begun as they were, and leaves alone what has', async ({ house }) => {
  const queue = await house.queue()
  const jobs = [await failedJob(house, queue, 'no user'), await failedJob(house, queue, 'no paper')]
  const begun = await failedJob(house, queue, 'no ink')
  const before = await Promise.all(jobs.map((job) => house.jobRow(job)))
  const { action } = await retryWhere(house, { queue, per_second: 0.01 })
  await house.update('job', begun, { status: 'success' })

  expect(await undo(house, action)).toBe(2)

  for (const [place, job] of jobs.entries()) {
    const { status, error, attempts, finished_at } = before[place]!
    expect(await house.jobRow(job)).toMatchObject({ status, error, attempts, finished_at })
  }
  expect(await statuses(house, queue)).toMatchObject({ [begun]: 'success' })
  expect(await progressOf(house, action)).toMatchObject({ undoable: 0, undone_at: expect.any(String), verdict: null })
  expect((await acts(house, queue)).at(-1)).toMatchObject({ act: 'undo retry failed jobs', jobs: 2 })
})

test('makes what was discarded failed again, with its error and its time', async ({ house }) => {
  const queue = await house.queue()
  const job = await failedJob(house, queue)
  const { status, error, finished_at } = await house.jobRow(job)
  const { action } = await discardWhere(house, { queue })

  expect(await undo(house, action)).toBe(1)

  expect(await house.jobRow(job)).toMatchObject({ status, error, finished_at })
})

test('gives back the whole of an error, however long; what is too long for that is said before', async ({ house }) => {
  const queue = await house.queue()
  const long = await failedJob(house, queue, 'no paper')
  const error = `no paper ${'é'.repeat(500_000)}`
  await house.db.query('update supaqueue.job set error = $2 where id = $1', [long, error])
  expect(await retryWhere(house, { queue, dry_run: true })).not.toHaveProperty('shortened')
  const { action } = await retryWhere(house, { queue, per_second: 0.01 })

  await undo(house, action)

  expect((await house.jobRow(long)).error).toBe(error)

  for (let n = 0; n < 39; n++) await failedJob(house, queue, 'no ink')
  expect(await retryWhere(house, { queue, dry_run: true })).toMatchObject({ jobs: 40, shortened: 1 })
  const again = await retryWhere(house, { queue, per_second: 0.01 })
  expect(again.shortened).toBe(1)
  await undo(house, again.action)
  expect((await house.jobRow(long)).error).toBe(error.slice(0, 400_000))
})

test('does nothing a second time, though the same jobs were retried again', async ({ house }) => {
  const queue = await house.queue()
  const job = await failedJob(house, queue)
  const { action } = await retryWhere(house, { queue })
  await undo(house, action)
  await retryWhere(house, { queue })

  expect(await undo(house, action)).toBe(0)
  expect(await statuses(house, queue)).toEqual({ [job]: 'pending' })
})

test('is done once when two do it at the same moment', async ({ house, another }) => {
  const queue = await house.queue()
  await failedJob(house, queue)
  const { action } = await retryWhere(house, { queue })
  const other = await another()
  await other.db.query('begin')
  await other.db.query('select supaqueue.undo_bulk($1)', [action])

  const mine = undo(house, action)
  await expect.poll(() => other.isBlocked(house)).toBe(true)
  await other.db.query('commit')

  expect(await mine).toBe(0)
  expect(Object.values(await statuses(house, queue))).toEqual(['failed'])
})

test('refuses what was never done', async ({ house }) => {
  expect(await refusal(undo(house, 123456))).toMatchObject({ code: 'SQ404' })
})
