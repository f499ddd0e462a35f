import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { failedJob, fingerprintOf, retryFailures, statuses } from '../../../support/failures.ts'
import { test } from '../../../support/house.ts'

describe('retry_failures puts back', () => {
  test('all failed jobs of a queue, by its name or its id, and no others', async ({ house }) => {
    const [queue, other] = [await house.queue({ name: 'mail' }), await house.queue()]
    const jobs = [await failedJob(house, queue), await failedJob(house, queue, 'too large')]
    const [elsewhere, cancelled] = [await failedJob(house, other), await house.job(queue, { status: 'cancelled' })]

    expect(await retryFailures(house, 'mail')).toBe(2)

    expect(await statuses(house, queue)).toEqual({
      [jobs[0]!]: 'pending',
      [jobs[1]!]: 'pending',
      [cancelled]: 'cancelled',
    })
    expect(await retryFailures(house, 'mail')).toBe(0)
    expect(await retryFailures(house, other)).toBe(1)
    expect(await statuses(house, other)).toEqual({ [elsewhere]: 'pending' })
  })

  test('those of one fingerprint', async ({ house }) => {
    const queue = await house.queue()
    const [one, other] = [await failedJob(house, queue), await failedJob(house, queue, 'too large')]

    expect(await retryFailures(house, queue, fingerprintOf('too large'))).toBe(1)

    expect(await statuses(house, queue)).toEqual({ [one]: 'failed', [other]: 'pending' })
  })

  test('at most as many as asked for, the newest first, at a rate', async ({ house }) => {
    const queue = await house.queue()
    const jobs = [await failedJob(house, queue), await failedJob(house, queue), await failedJob(house, queue)]

    expect(await retryFailures(house, queue, null, 2, 10)).toBe(2)

    expect(await statuses(house, queue)).toMatchObject({ [jobs[0]!]: 'failed' })
    const [second, first] = [await house.jobRow(jobs[1]!), await house.jobRow(jobs[2]!)]
    expect(second.run_at - first.run_at).toBe(100)
  })
})

test('retry_failures of no such queue is refused', async ({ house }) => {
  expect(await refusal(retryFailures(house, 'nowhere'))).toMatchObject({ code: 'SQ404' })
})
