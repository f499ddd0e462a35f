import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { type Harness, test } from '../../../support/harness.ts'

async function begun(harness: Harness) {
  const queue = await harness.queue({ workers: 1 })
  const job = await harness.job(queue)
  const [entry] = await harness.take(randomUUID(), queue)
  return { queue, job, token: entry!.current_job.id }
}

describe('a current job that is marked complete by an update', () => {
  test.for([[true, 'success'], [false, 'pending']] as const)(
    'with is_successful %s makes its job %s, and goes',
    async ([isSuccessful, status], { harness }) => {
      const { queue, job, token } = await begun(harness)

      await harness.update('current_job', token, { is_complete: true, is_successful: isSuccessful })

      expect((await harness.jobRow(job)).status).toBe(status)
      expect(await harness.currentJobs(queue)).toEqual([])
      expect(await harness.freeWorkers(queue)).toBe(1)
    },
  )

  test('without an outcome is refused', async ({ harness }) => {
    const { job, token } = await begun(harness)

    expect(await refusal(harness.update('current_job', token, { is_complete: true }))).toMatchObject({
      code: '23514',
      constraint: 'current_job_complete_has_an_outcome',
    })

    expect((await harness.jobRow(job)).status).toBe('in_progress')
  })

  test('twice in one transaction counts once', async ({ harness }) => {
    const { job, token } = await begun(harness)

    await harness.transaction(async () => {
      await harness.endCurrentJob(token, true)
      await harness.update('current_job', token, { is_complete: true, is_successful: false })
    })

    expect((await harness.jobRow(job)).status).toBe('success')
  })
})

test('an outcome without is_complete ends nothing yet', async ({ harness }) => {
  const { job, token } = await begun(harness)

  await harness.update('current_job', token, { is_complete: false, is_successful: true })

  expect((await harness.jobRow(job)).status).toBe('in_progress')
})
