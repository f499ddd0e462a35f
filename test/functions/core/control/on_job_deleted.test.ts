import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { until } from '../../../support/until.ts'

describe('a job in progress that is deleted', () => {
  test('while its worker is being deleted waits for that, and not that for it', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)
    const { worker } = await harness.currentJob(job)
    const [first, second] = [await another(), await another()]
    await first.begin()
    await first.hold('worker', worker)

    const deleted = second.delete('job', job)
    await until(() => harness.isBlocked(second))
    await first.impatient()
    await first.delete('worker', worker)
    await first.commit()
    await deleted

    expect(await harness.jobRow(job)).toBeUndefined()
    expect(await harness.currentJobs(queue)).toEqual([])
  })
})
