import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { failedJob, fingerprintOf, retryFailures, statuses } from '../../../support/failures.ts'
import { test } from '../../../support/harness.ts'

describe('retry_failures puts back', () => {
  test('all failed jobs of a queue, by its name or its id, and no others', async ({ harness }) => {
    const [queue, other] = [await harness.queue({ name: 'mail' }), await harness.queue()]
    const jobs = [await failedJob(harness, queue), await failedJob(harness, queue, 'too large')]
    const [elsewhere, cancelled] = [await failedJob(harness, other), await harness.job(queue, { status: 'cancelled' })]

    expect(await retryFailures(harness, 'mail')).toBe(2)

    expect(await statuses(harness, queue)).toEqual({
      [jobs[0]!]: 'pending',
      [jobs[1]!]: 'pending',
      [cancelled]: 'cancelled',
    })
    expect(await retryFailures(harness, 'mail')).toBe(0)
    expect(await retryFailures(harness, other)).toBe(1)
    expect(await statuses(harness, other)).toEqual({ [elsewhere]: 'pending' })
  })

  test('those of one fingerprint', async ({ harness }) => {
    const queue = await harness.queue()
    const [one, other] = [await failedJob(harness, queue), await failedJob(harness, queue, 'too large')]

    expect(await retryFailures(harness, queue, fingerprintOf('too large'))).toBe(1)

    expect(await statuses(harness, queue)).toEqual({ [one]: 'failed', [other]: 'pending' })
  })

  test('at most as many as asked for, the newest first, at a rate', async ({ harness }) => {
    const queue = await harness.queue()
    const jobs = [await failedJob(harness, queue), await failedJob(harness, queue), await failedJob(harness, queue)]

    expect(await retryFailures(harness, queue, null, 2, 10)).toBe(2)

    expect(await statuses(harness, queue)).toMatchObject({ [jobs[0]!]: 'failed' })
    const [second, first] = [await harness.jobRow(jobs[1]!), await harness.jobRow(jobs[2]!)]
    expect(second.run_at - first.run_at).toBe(100)
  })
})

test('retry_failures of no such queue is refused', async ({ harness }) => {
  expect(await refusal(retryFailures(harness, 'nowhere'))).toMatchObject({ code: 'SQ404' })
})
