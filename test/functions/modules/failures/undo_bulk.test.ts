import { expect } from 'vitest'
import { failedJob, statuses } from '../../../support/failures.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { acts } from '../audit/acts.ts'
import { discardWhere, progressOf, retryWhere, undo } from './bulk.ts'

test('makes the jobs of a retry that have not begun as they were, and leaves alone what has', async ({ harness }) => {
  const queue = await harness.queue()
  const jobs = [await failedJob(harness, queue, 'no user'), await failedJob(harness, queue, 'no paper')]
  const begun = await failedJob(harness, queue, 'no ink')
  const before = await Promise.all(jobs.map((job) => harness.jobRow(job)))
  const { action } = await retryWhere(harness, { queue, per_second: 0.01 })
  await harness.update('job', begun, { status: 'success' })

  expect(await undo(harness, action)).toBe(2)

  for (const [place, job] of jobs.entries()) {
    const { status, error, attempts, finished_at } = before[place]!
    expect(await harness.jobRow(job)).toMatchObject({ status, error, attempts, finished_at })
  }
  expect(await statuses(harness, queue)).toMatchObject({ [begun]: 'success' })
  expect(await progressOf(harness, action)).toMatchObject({ undoable: 0, undone_at: expect.any(String), verdict: null })
  expect((await acts(harness, queue)).at(-1)).toMatchObject({ act: 'undo retry failed jobs', jobs: 2 })
})

test('makes what was discarded failed again, with its error and its time', async ({ harness }) => {
  const queue = await harness.queue()
  const job = await failedJob(harness, queue)
  const { status, error, finished_at } = await harness.jobRow(job)
  const { action } = await discardWhere(harness, { queue })

  expect(await undo(harness, action)).toBe(1)

  expect(await harness.jobRow(job)).toMatchObject({ status, error, finished_at })
})

test('gives back the whole of an error, however long; what is too long for that is said before', async ({ harness }) => {
  const queue = await harness.queue()
  const long = await failedJob(harness, queue, 'no paper')
  const error = `no paper ${'é'.repeat(500_000)}`
  await harness.db.query('update supaqueue.job set error = $2 where id = $1', [long, error])
  expect(await retryWhere(harness, { queue, dry_run: true })).not.toHaveProperty('shortened')
  const { action } = await retryWhere(harness, { queue, per_second: 0.01 })

  await undo(harness, action)

  expect((await harness.jobRow(long)).error).toBe(error)

  for (let n = 0; n < 39; n++) await failedJob(harness, queue, 'no ink')
  expect(await retryWhere(harness, { queue, dry_run: true })).toMatchObject({ jobs: 40, shortened: 1 })
  const again = await retryWhere(harness, { queue, per_second: 0.01 })
  expect(again.shortened).toBe(1)
  await undo(harness, again.action)
  expect((await harness.jobRow(long)).error).toBe(error.slice(0, 400_000))
})

test('does nothing a second time, though the same jobs were retried again', async ({ harness }) => {
  const queue = await harness.queue()
  const job = await failedJob(harness, queue)
  const { action } = await retryWhere(harness, { queue })
  await undo(harness, action)
  await retryWhere(harness, { queue })

  expect(await undo(harness, action)).toBe(0)
  expect(await statuses(harness, queue)).toEqual({ [job]: 'pending' })
})

test('is done once when two do it at the same moment', async ({ harness, another }) => {
  const queue = await harness.queue()
  await failedJob(harness, queue)
  const { action } = await retryWhere(harness, { queue })
  const other = await another()
  await other.db.query('begin')
  await other.db.query('select supaqueue.undo_bulk($1)', [action])

  const mine = undo(harness, action)
  await expect.poll(() => other.isBlocked(harness)).toBe(true)
  await other.db.query('commit')

  expect(await mine).toBe(0)
  expect(Object.values(await statuses(harness, queue))).toEqual(['failed'])
})

test('refuses what was never done', async ({ harness }) => {
  expect(await refusal(undo(harness, 123456))).toMatchObject({ code: 'SQ404' })
})
