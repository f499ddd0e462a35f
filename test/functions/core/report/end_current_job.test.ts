import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { type House, test } from '../../../support/house.ts'

async function begun(house: House, settings: Parameters<House['queue']>[0] = {}) {
  const queue = await house.queue({ workers: 1, ...settings })
  const job = await house.job(queue)
  const [entry] = await house.take(randomUUID(), queue)
  return { queue, job, token: entry!.current_job.id }
}

describe('end_current_job', () => {
  test('ends a job as a success, frees its worker and takes the current job away', async ({ house }) => {
    const { queue, job, token } = await begun(house)

    await house.endCurrentJob(token, true)

    expect(await house.jobRow(job)).toMatchObject({ status: 'success', attempts: 1, error: null })
    expect((await house.jobRow(job)).finished_at).not.toBe(null)
    expect(await house.freeWorkers(queue)).toBe(1)
    expect(await house.currentJobs(queue)).toEqual([])
  })

  test('puts a failure back while attempts are left', async ({ house }) => {
    const { queue, job, token } = await begun(house)

    await house.endCurrentJob(token, false)

    expect(await house.jobRow(job)).toMatchObject({
      status: 'pending',
      attempts: 1,
      error: 'ended as a failure by end_current_job',
    })
    expect(await house.freeWorkers(queue)).toBe(1)
  })

  test('fails a job for good at its last attempt', async ({ house }) => {
    const { job, token } = await begun(house, { max_attempts: 1 })

    await house.endCurrentJob(token, false)

    expect((await house.jobRow(job)).status).toBe('failed')
  })

  test('rings, so that the freed worker gets the next job though nobody is awake', async ({ house }) => {
    const { queue, token } = await begun(house)
    const next = await house.job(queue)
    await house.age('heartbeat', queue)
    const wakeUps = await house.wakeUps(queue)

    await house.endCurrentJob(token, true)

    expect(await house.inProgress(queue)).toEqual([next])
    expect(await house.wakeUps(queue)).toBe(wakeUps + 1)
  })

  test.for(
    [
      ['without an outcome', null, true],
      ['that is not complete', true, false],
    ] as const,
  )('refuses an end %s and says how to call it', async ([, isSuccessful, isComplete], { house }) => {
    const { job, token } = await begun(house)

    expect(await refusal(house.endCurrentJob(token, isSuccessful, isComplete))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('end_current_job(<id>, true, true)'),
    })

    expect((await house.jobRow(job)).status).toBe('in_progress')
  })

  test('refuses a token that has ended already', async ({ house }) => {
    const { job, token } = await begun(house)
    await house.endCurrentJob(token, true)

    expect(await refusal(house.endCurrentJob(token, false))).toMatchObject({
      code: 'SQ404',
      message: expect.stringContaining(token),
      hint: expect.stringContaining('Nothing was changed'),
    })

    expect((await house.jobRow(job)).status).toBe('success')
  })

  test.for([['made up', randomUUID()], ['null', null]])('refuses a token that is %s', async ([, token], { house }) => {
    expect(await refusal(house.endCurrentJob(token as string | null, true))).toMatchObject({ code: 'SQ404' })
  })

  test('refuses rather than waits while somebody holds the job', async ({ house, another }) => {
    const { job, token } = await begun(house)
    const user = await another()
    await user.begin()
    await user.hold('job', job)

    await house.impatient()
    expect(await refusal(house.endCurrentJob(token, true))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining('Try again'),
    })

    await user.rollback()
    await house.endCurrentJob(token, true)
    expect((await house.jobRow(job)).status).toBe('success')
  })
})
