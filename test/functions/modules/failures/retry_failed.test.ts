import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { failedJob, statuses } from '../../../support/failures.ts'
import { type Harness, test } from '../../../support/harness.ts'

const retry = async (harness: Harness, jobs: number[], perSecond: number | null = null): Promise<number[]> =>
  (await harness.db.query('select supaqueue_internal.retry_failed($1, $2) as id', [jobs, perSecond])).rows.map((
    { id },
  ) => id)

describe('a failed job that is put back', () => {
  test('keeps its row, and begins with no attempts', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await failedJob(harness, queue, 'no user', { payload: '{"n": 1}', deferrals: 5, state: '{"page": 2}' })

    expect(await retry(harness, [job])).toEqual([job])

    expect(await harness.jobRow(job)).toMatchObject({
      status: 'pending',
      attempts: 0,
      deferrals: 0,
      error: null,
      finished_at: null,
      payload: { n: 1 },
      state: { page: 2 },
    })
    expect(await harness.attempts(job)).toHaveLength(1)
  })

  test('wakes its queue', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await failedJob(harness, queue)

    await retry(harness, [job])

    expect(await harness.inProgress(queue)).toEqual([job])
  })

  test('is held when it waits for others', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await failedJob(harness, queue, 'no user', { waits_for: 1 })

    await retry(harness, [job])

    expect(await harness.jobRow(job)).toMatchObject({ status: 'held' })
  })

  test('is due in its turn, at even distances', async ({ harness }) => {
    const queue = await harness.queue()
    const jobs = [await failedJob(harness, queue), await failedJob(harness, queue), await failedJob(harness, queue)]

    await retry(harness, jobs.toReversed(), 0.5)

    const [last, second, first] = [
      await harness.jobRow(jobs[0]!),
      await harness.jobRow(jobs[1]!),
      await harness.jobRow(jobs[2]!),
    ]
    expect([second.run_at - first.run_at, last.run_at - second.run_at]).toEqual([2000, 2000])
  })
})

describe('is left alone:', () => {
  test.for(['held', 'pending', 'success', 'cancelled'])('a job that is %s', async (status, { harness }) => {
    const job = await harness.job(await harness.queue(), { status })

    expect(await retry(harness, [job, 0])).toEqual([])
  })

  test('a job that was copied', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await failedJob(harness, queue)
    await harness.db.query('select supaqueue.reprocess(jobs => array[$1::bigint])', [job])

    expect(await retry(harness, [job])).toEqual([])
  })

  test('a job that somebody holds; nobody waits for them', async ({ harness, another }) => {
    const queue = await harness.queue()
    const [held, free] = [await failedJob(harness, queue), await failedJob(harness, queue)]
    const other = await another()
    await other.impatient()
    await harness.begin()
    await harness.hold('job', held)

    expect(await retry(other, [held, free])).toEqual([free])
    await harness.rollback()
  })

  test('a job whose dedupe_key another has taken, and the older ones of the same key', async ({ harness }) => {
    const [queue, elsewhere] = [await harness.queue(), await harness.queue()]
    const key = { dedupe_key: 'same' }
    const taken = await failedJob(harness, queue, 'no user', { dedupe_key: 'taken' })
    const [older, newer] = [
      await failedJob(harness, queue, 'no user', key),
      await failedJob(harness, queue, 'no user', key),
    ]
    const other = await failedJob(harness, elsewhere, 'no user', key)
    const holder = await harness.job(queue, { status: 'held' })
    await harness.update('job', holder, { dedupe_key: 'taken' })
    const holderElsewhere = await harness.job(elsewhere, { status: 'held' })
    await harness.update('job', holderElsewhere, { dedupe_key: 'elsewhere' })
    const namesake = await failedJob(harness, queue, 'no user', { dedupe_key: 'elsewhere' })

    const retried = await retry(harness, [taken, older, newer, other, namesake])

    expect(retried.sort()).toEqual([newer, other, namesake].sort())
    expect(await statuses(harness, queue)).toMatchObject({ [taken]: 'failed', [older]: 'failed', [newer]: 'pending' })
  })

  test('everything, when a key is taken at the same moment; once it is, the others are put back', async ({ harness, another }) => {
    const queue = await harness.queue()
    const [job, besides] = [
      await failedJob(harness, queue, 'no user', { dedupe_key: 'k' }),
      await failedJob(harness, queue),
    ]
    const other = await another()
    await harness.begin()
    const rival = await harness.job(queue, { status: 'held' })
    await harness.update('job', rival, { dedupe_key: 'k' })

    const refused = refusal(retry(other, [job, besides]))
    await expect.poll(() => harness.isBlocked(other)).toBe(true)
    await harness.commit()

    expect(await refused).toMatchObject({ code: 'SQ409', hint: expect.stringContaining('Call it again') })
    expect(await retry(other, [job, besides])).toEqual([besides])
  })
})

test.for([0, -1])('a rate of %i is refused', async (rate, { harness }) => {
  expect(await refusal(retry(harness, [], rate))).toMatchObject({
    code: 'SQ422',
    hint: expect.stringContaining('more than 0'),
  })
})

test('an older picture is refused: it does not show what was copied', async ({ harness }) => {
  expect(await refusal(harness.transaction(() => retry(harness, []), 'repeatable read'))).toMatchObject({
    code: 'SQ409',
  })
})
