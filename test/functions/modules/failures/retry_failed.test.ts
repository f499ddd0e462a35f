import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { failedJob, statuses } from '../../../support/failures.ts'
import { type House, test } from '../../../support/house.ts'

const retry = async (house: House, jobs: number[], perSecond: number | null = null): Promise<number[]> =>
  (await house.db.query('select supaqueue_internal.retry_failed($1, $2) as id', [jobs, perSecond])).rows.map(({ id }) =>
    id
  )

describe('a failed job that is put back', () => {
  test('keeps its row, and begins with no attempts', async ({ house }) => {
    const queue = await house.queue()
    const job = await failedJob(house, queue, 'no user', { payload: '{"n": 1}', deferrals: 5, state: '{"page": 2}' })

    expect(await retry(house, [job])).toEqual([job])

    expect(await house.jobRow(job)).toMatchObject({
      status: 'pending',
      attempts: 0,
      deferrals: 0,
      error: null,
      finished_at: null,
      payload: { n: 1 },
      state: { page: 2 },
    })
    expect(await house.attempts(job)).toHaveLength(1)
  })

  test('wakes its queue', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await failedJob(house, queue)

    await retry(house, [job])

    expect(await house.inProgress(queue)).toEqual([job])
  })

  test('is held when it waits for others', async ({ house }) => {
    const queue = await house.queue()
    const job = await failedJob(house, queue, 'no user', { waits_for: 1 })

    await retry(house, [job])

    expect(await house.jobRow(job)).toMatchObject({ status: 'held' })
  })

  test('is due in its turn, at even distances', async ({ house }) => {
    const queue = await house.queue()
    const jobs = [await failedJob(house, queue), await failedJob(house, queue), await failedJob(house, queue)]

    await retry(house, jobs.toReversed(), 0.5)

    const [last, second, first] = [
      await house.jobRow(jobs[0]!),
      await house.jobRow(jobs[1]!),
      await house.jobRow(jobs[2]!),
    ]
    expect([second.run_at - first.run_at, last.run_at - second.run_at]).toEqual([2000, 2000])
  })
})

describe('is left alone:', () => {
  test.for(['held', 'pending', 'success', 'cancelled'])('a job that is %s', async (status, { house }) => {
    const job = await house.job(await house.queue(), { status })

    expect(await retry(house, [job, 0])).toEqual([])
  })

  test('a job that was copied', async ({ house }) => {
    const queue = await house.queue()
    const job = await failedJob(house, queue)
    await house.db.query('select supaqueue.reprocess(jobs => array[$1::bigint])', [job])

    expect(await retry(house, [job])).toEqual([])
  })

  test('a job that somebody holds; nobody waits for them', async ({ house, another }) => {
    const queue = await house.queue()
    const [held, free] = [await failedJob(house, queue), await failedJob(house, queue)]
    const other = await another()
    await other.impatient()
    await house.begin()
    await house.hold('job', held)

    expect(await retry(other, [held, free])).toEqual([free])
    await house.rollback()
  })

  test('a job whose dedupe_key another has taken, and the older ones of the same key', async ({ house }) => {
    const [queue, elsewhere] = [await house.queue(), await house.queue()]
    const key = { dedupe_key: 'same' }
    const taken = await failedJob(house, queue, 'no user', { dedupe_key: 'taken' })
    const [older, newer] = [
      await failedJob(house, queue, 'no user', key),
      await failedJob(house, queue, 'no user', key),
    ]
    const other = await failedJob(house, elsewhere, 'no user', key)
    const holder = await house.job(queue, { status: 'held' })
    await house.update('job', holder, { dedupe_key: 'taken' })
    const holderElsewhere = await house.job(elsewhere, { status: 'held' })
    await house.update('job', holderElsewhere, { dedupe_key: 'elsewhere' })
    const namesake = await failedJob(house, queue, 'no user', { dedupe_key: 'elsewhere' })

    const retried = await retry(house, [taken, older, newer, other, namesake])

    expect(retried.sort()).toEqual([newer, other, namesake].sort())
    expect(await statuses(house, queue)).toMatchObject({ [taken]: 'failed', [older]: 'failed', [newer]: 'pending' })
  })

  test('everything, when a key is taken at the same moment; once it is, the others are put back', async ({ house, another }) => {
    const queue = await house.queue()
    const [job, besides] = [
      await failedJob(house, queue, 'no user', { dedupe_key: 'k' }),
      await failedJob(house, queue),
    ]
    const other = await another()
    await house.begin()
    const rival = await house.job(queue, { status: 'held' })
    await house.update('job', rival, { dedupe_key: 'k' })

    const refused = refusal(retry(other, [job, besides]))
    await expect.poll(() => house.isBlocked(other)).toBe(true)
    await house.commit()

    expect(await refused).toMatchObject({ code: 'SQ409', hint: expect.stringContaining('Call it again') })
    expect(await retry(other, [job, besides])).toEqual([besides])
  })
})

test.for([0, -1])('a rate of %i is refused', async (rate, { house }) => {
  expect(await refusal(retry(house, [], rate))).toMatchObject({
    code: 'SQ422',
    hint: expect.stringContaining('more than 0'),
  })
})

test('an older picture is refused: it does not show what was copied', async ({ house }) => {
  expect(await refusal(house.transaction(() => retry(house, []), 'repeatable read'))).toMatchObject({ code: 'SQ409' })
})
