import { describe, expect } from 'vitest'
import { failedJob, fingerprintOf, tried } from '../../../support/failures.ts'
import { type House, test } from '../../../support/house.ts'

const failedJobs = async (house: House, queue: string) =>
  (await house.db.query('select * from supaqueue.failed_jobs where queue = $1 order by job', [queue])).rows

describe('failed_jobs shows', () => {
  test('a job that failed for good, with what it failed of', async ({ house }) => {
    const queue = await house.queue({ name: 'shown' })
    const job = await failedJob(house, queue, 'no user', { payload: '{"n": 1}', dedupe_key: 'k' })

    const { finished_at, error } = await house.jobRow(job)
    expect(await failedJobs(house, queue)).toEqual([{
      queue,
      queue_name: 'shown',
      job,
      fingerprint: fingerprintOf('no user'),
      attempts: 3,
      failed_at: finished_at,
      error,
      payload: { n: 1 },
      batch: null,
      dedupe_key: 'k',
    }])
  })

  test('the outcome and status of its last attempt', async ({ house }) => {
    const queue = await house.queue()
    const job = await failedJob(house, queue)

    await tried(house, job, 'gone', 410)

    expect(await failedJobs(house, queue)).toMatchObject([{ fingerprint: 'failed 410: gone' }])
  })

  test('a job that failed by hand, without an attempt', async ({ house }) => {
    const queue = await house.queue()

    await house.job(queue, { status: 'failed' })

    expect(await failedJobs(house, queue)).toMatchObject([{ fingerprint: 'failed', error: null }])
  })

  test('no job that has not failed, and none that was copied', async ({ house }) => {
    const queue = await house.queue()
    for (const status of ['held', 'pending', 'success', 'cancelled']) await house.job(queue, { status })
    const copied = await failedJob(house, queue)
    const copy = await house.job(queue, { status: 'held' })
    await house.update('job', copy, { retry_of: copied })

    expect(await failedJobs(house, queue)).toEqual([])
  })
})
