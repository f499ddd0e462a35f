import { describe, expect } from 'vitest'
import { failedJob, fingerprintOf, tried } from '../../../support/failures.ts'
import { type Harness, test } from '../../../support/harness.ts'

const failedJobs = async (harness: Harness, queue: string) =>
  (await harness.db.query('select * from supaqueue.failed_jobs where queue = $1 order by job', [queue])).rows

describe('failed_jobs shows', () => {
  test('a job that failed for good, with what it failed of', async ({ harness }) => {
    const queue = await harness.queue({ name: 'shown' })
    const job = await failedJob(harness, queue, 'no user', { payload: '{"n": 1}', dedupe_key: 'k' })

    const { finished_at, error } = await harness.jobRow(job)
    expect(await failedJobs(harness, queue)).toEqual([{
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

  test('the outcome and status of its last attempt', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await failedJob(harness, queue)

    await tried(harness, job, 'gone', 410)

    expect(await failedJobs(harness, queue)).toMatchObject([{ fingerprint: 'failed 410: gone' }])
  })

  test('a job that failed by hand, without an attempt', async ({ harness }) => {
    const queue = await harness.queue()

    await harness.job(queue, { status: 'failed' })

    expect(await failedJobs(harness, queue)).toMatchObject([{ fingerprint: 'failed', error: null }])
  })

  test('no job that has not failed, and none that was copied', async ({ harness }) => {
    const queue = await harness.queue()
    for (const status of ['held', 'pending', 'success', 'cancelled']) await harness.job(queue, { status })
    const copied = await failedJob(harness, queue)
    const copy = await harness.job(queue, { status: 'held' })
    await harness.update('job', copy, { retry_of: copied })

    expect(await failedJobs(harness, queue)).toEqual([])
  })
})
