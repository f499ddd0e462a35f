import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { type House, test } from '../../../support/house.ts'

async function begun(house: House) {
  const queue = await house.queue({ workers: 1 })
  const job = await house.job(queue)
  const [entry] = await house.take(randomUUID(), queue)
  return { queue, job, token: entry!.current_job.id }
}

describe('a current job that is marked complete by an update', () => {
  test.for([[true, 'success'], [false, 'pending']] as const)(
    'with is_successful %s makes its job %s, and goes',
    async ([isSuccessful, status], { house }) => {
      const { queue, job, token } = await begun(house)

      await house.update('current_job', token, { is_complete: true, is_successful: isSuccessful })

      expect((await house.jobRow(job)).status).toBe(status)
      expect(await house.currentJobs(queue)).toEqual([])
      expect(await house.freeWorkers(queue)).toBe(1)
    },
  )

  test('without an outcome is refused', async ({ house }) => {
    const { job, token } = await begun(house)

    expect(await refusal(house.update('current_job', token, { is_complete: true }))).toMatchObject({
      code: '23514',
      constraint: 'current_job_complete_has_an_outcome',
    })

    expect((await house.jobRow(job)).status).toBe('in_progress')
  })

  test('twice in one transaction counts once', async ({ house }) => {
    const { job, token } = await begun(house)

    await house.transaction(async () => {
      await house.endCurrentJob(token, true)
      await house.update('current_job', token, { is_complete: true, is_successful: false })
    })

    expect((await house.jobRow(job)).status).toBe('success')
  })
})

test('an outcome without is_complete ends nothing yet', async ({ house }) => {
  const { job, token } = await begun(house)

  await house.update('current_job', token, { is_complete: false, is_successful: true })

  expect((await house.jobRow(job)).status).toBe('in_progress')
})
