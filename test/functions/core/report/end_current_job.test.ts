import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { type Harness, test } from '../../../support/harness.ts'

async function begun(harness: Harness, settings: Parameters<Harness['queue']>[0] = {}) {
  const queue = await harness.queue({ workers: 1, ...settings })
  const job = await harness.job(queue)
  const [entry] = await harness.take(randomUUID(), queue)
  return { queue, job, token: entry!.current_job.id }
}

describe('end_current_job', () => {
  test('ends a job as a success, frees its worker and takes the current job away', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)

    await harness.endCurrentJob(token, true)

    expect(await harness.jobRow(job)).toMatchObject({ status: 'success', attempts: 1, error: null })
    expect((await harness.jobRow(job)).finished_at).not.toBe(null)
    expect(await harness.freeWorkers(queue)).toBe(1)
    expect(await harness.currentJobs(queue)).toEqual([])
  })

  test('puts a failure back while attempts are left', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)

    await harness.endCurrentJob(token, false)

    expect(await harness.jobRow(job)).toMatchObject({
      status: 'pending',
      attempts: 1,
      error: 'ended as a failure by end_current_job',
    })
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('fails a job for good at its last attempt', async ({ harness }) => {
    const { job, token } = await begun(harness, { max_attempts: 1 })

    await harness.endCurrentJob(token, false)

    expect((await harness.jobRow(job)).status).toBe('failed')
  })

  test('rings, so that the freed worker gets the next job though nobody is awake', async ({ harness }) => {
    const { queue, token } = await begun(harness)
    const next = await harness.job(queue)
    await harness.age('heartbeat', queue)
    const wakeUps = await harness.wakeUps(queue)

    await harness.endCurrentJob(token, true)

    expect(await harness.inProgress(queue)).toEqual([next])
    expect(await harness.wakeUps(queue)).toBe(wakeUps + 1)
  })

  test.for(
    [
      ['without an outcome', null, true],
      ['that is not complete', true, false],
    ] as const,
  )('refuses an end %s and says how to call it', async ([, isSuccessful, isComplete], { harness }) => {
    const { job, token } = await begun(harness)

    expect(await refusal(harness.endCurrentJob(token, isSuccessful, isComplete))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('end_current_job(<id>, true, true)'),
    })

    expect((await harness.jobRow(job)).status).toBe('in_progress')
  })

  test('refuses a token that has ended already', async ({ harness }) => {
    const { job, token } = await begun(harness)
    await harness.endCurrentJob(token, true)

    expect(await refusal(harness.endCurrentJob(token, false))).toMatchObject({
      code: 'SQ404',
      message: expect.stringContaining(token),
      hint: expect.stringContaining('Nothing was changed'),
    })

    expect((await harness.jobRow(job)).status).toBe('success')
  })

  test.for([['made up', randomUUID()], ['null', null]])(
    'refuses a token that is %s',
    async ([, token], { harness }) => {
      expect(await refusal(harness.endCurrentJob(token as string | null, true))).toMatchObject({ code: 'SQ404' })
    },
  )

  test('refuses rather than waits while somebody holds the job', async ({ harness, another }) => {
    const { job, token } = await begun(harness)
    const user = await another()
    await user.begin()
    await user.hold('job', job)

    await harness.impatient()
    expect(await refusal(harness.endCurrentJob(token, true))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining('Try again'),
    })

    await user.rollback()
    await harness.endCurrentJob(token, true)
    expect((await harness.jobRow(job)).status).toBe('success')
  })
})
