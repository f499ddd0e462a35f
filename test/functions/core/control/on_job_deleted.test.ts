import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { until } from '../../../support/until.ts'

describe('a job in progress that is deleted', () => {
  test('while its worker is being deleted waits for that, and not that for it', async ({ house, another }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue)
    const { worker } = await house.currentJob(job)
    const [first, second] = [await another(), await another()]
    await first.begin()
    await first.hold('worker', worker)

    const deleted = second.delete('job', job)
    await until(() => house.isBlocked(second))
    await first.impatient()
    await first.delete('worker', worker)
    await first.commit()
    await deleted

    expect(await house.jobRow(job)).toBeUndefined()
    expect(await house.currentJobs(queue)).toEqual([])
  })
})
