import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

/** A job whose function reports later. */
async function later(harness: Harness, settings: Parameters<Harness['queue']>[0] = {}) {
  const queue = await harness.queue({ workers: 1, retry_base_ms: 60_000, ...settings })
  const run = randomUUID()
  await harness.turn(run, queue)
  const job = await harness.job(queue)
  const [entry] = await harness.take(run, queue)
  const token = entry!.current_job.id
  await harness.report(run, queue, [token], 'later')
  return { queue, job, token }
}

const inMs = (later: Date, earlier: Date) => later.getTime() - earlier.getTime()

describe('finish', () => {
  test('complete ends the job with its result', async ({ harness }) => {
    const { queue, job, token } = await later(harness)

    await harness.finish(token, 'complete', { result: { pages: 7 }, message: 'not kept' })

    const row = await harness.jobRow(job)
    expect(row).toMatchObject({ status: 'success', attempts: 1, result: { pages: 7 }, error: null })
    expect(row.finished_at).toEqual(row.updated_at)
    expect(await harness.freeWorkers(queue)).toBe(1)
    expect(await harness.currentJobs(queue)).toEqual([])
  })

  test('complete keeps no more of a result than the queue does, and marks it as cut', async ({ harness }) => {
    const { job, token } = await later(harness, { result_max_bytes: 10 })

    await harness.finish(token, 'complete', { result: 'abcdefghijkl' })

    expect((await harness.jobRow(job)).result).toEqual({ truncated: true, text: '"abcdefghi' })
  })

  test('reject puts the job back with backoff and the reason', async ({ harness }) => {
    const { job, token } = await later(harness)

    await harness.finish(token, 'reject', { message: 'model overloaded', result: 'not kept' })

    const row = await harness.jobRow(job)
    expect(row).toMatchObject({ status: 'pending', attempts: 1, error: 'model overloaded', result: null })
    expect(inMs(row.run_at, row.updated_at)).toBeGreaterThanOrEqual(45_000)
    expect(inMs(row.run_at, row.updated_at)).toBeLessThanOrEqual(75_000)
    expect(await harness.attempts(job)).toMatchObject([{ outcome: 'failed', error: 'model overloaded' }])
  })

  test('reject waits as long as it was asked to', async ({ harness }) => {
    const { job, token } = await later(harness)

    await harness.finish(token, 'reject', { after_ms: 5_000 })

    const row = await harness.jobRow(job)
    expect(inMs(row.run_at, row.updated_at)).toBe(5_000)
  })

  test('reject at the last attempt fails the job', async ({ harness }) => {
    const { job, token } = await later(harness, { max_attempts: 1 })

    await harness.finish(token, 'reject', { message: 'no' })

    expect(await harness.jobRow(job)).toMatchObject({ status: 'failed', error: 'no' })
  })

  test('reschedule puts the job off to a time, its attempts anew', async ({ harness }) => {
    const { job, token } = await later(harness)

    await harness.finish(token, 'reschedule', { at: '2100-01-01T00:00:00Z', message: 'next century' })

    const row = await harness.jobRow(job)
    expect(row).toMatchObject({ status: 'pending', attempts: 0, error: null })
    expect(row.run_at.toISOString()).toBe('2100-01-01T00:00:00.000Z')
    expect(await harness.attempts(job)).toMatchObject([{ outcome: 'rescheduled', error: 'next century' }])
  })

  test('reschedule puts the job off for a while', async ({ harness }) => {
    const { job, token } = await later(harness)

    await harness.finish(token, 'reschedule', { after_ms: 86_400_000 })

    const row = await harness.jobRow(job)
    expect(inMs(row.run_at, row.updated_at)).toBe(86_400_000)
  })

  test('kill fails the job, whatever attempts are left', async ({ harness }) => {
    const { job, token } = await later(harness)

    await harness.finish(token, 'kill', { message: 'no such user' })

    expect(await harness.jobRow(job)).toMatchObject({ status: 'failed', attempts: 1, error: 'no such user' })
  })

  test('drop deletes the job and frees its worker', async ({ harness }) => {
    const { queue, job, token } = await later(harness)

    await harness.finish(token, 'drop')

    expect(await harness.jobRow(job)).toBe(undefined)
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('continue takes a state of 256 kB, and refuses a larger one', async ({ harness }) => {
    const { job, token } = await later(harness)
    // With its two quotes.
    const most = 'a'.repeat(262_142)

    expect(await refusal(harness.finish(token, 'continue', { state: most + 'a' }))).toMatchObject({
      code: 'SQ413',
      message: 'the state has 262145 bytes, and a job keeps at most 262144',
      hint: expect.stringContaining('Nothing was changed'),
    })
    expect(await harness.jobRow(job)).toMatchObject({ status: 'in_progress', state: null })

    await harness.finish(token, 'continue', { state: most })
    expect((await harness.jobRow(job)).state).toBe(most)
  })

  test('continue makes the next call go on from a state', async ({ harness }) => {
    const { queue, job, token } = await later(harness)

    await harness.finish(token, 'continue', { state: { page: 8 } })

    expect(await harness.jobRow(job)).toMatchObject({ attempts: 0, state: { page: 8 } })
    const [entry] = await harness.take(randomUUID(), queue)
    expect(entry!.job).toMatchObject({ id: job, attempts: 1, state: '{"page": 8}' })
  })

  test('keeps no more than 500 characters of its message', async ({ harness }) => {
    const { job, token } = await later(harness)

    await harness.finish(token, 'kill', { message: 'x'.repeat(501) })

    expect((await harness.jobRow(job)).error).toBe('x'.repeat(500))
  })

  test('rings, so that the freed worker gets the next job though nobody is awake', async ({ harness }) => {
    const { queue, token } = await later(harness)
    const next = await harness.job(queue)
    await harness.age('heartbeat', queue)

    await harness.finish(token, 'complete')

    expect(await harness.inProgress(queue)).toEqual([next])
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('may come before the call that it belongs to was reported', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)
    const [entry] = await harness.take(randomUUID(), queue)

    await harness.finish(entry!.current_job.id, 'complete')

    expect((await harness.jobRow(job)).status).toBe('success')
  })
})

describe('finish refuses, and changes nothing:', () => {
  test.for(
    [
      ['an outcome that there is not', 'success', {}],
      ['no outcome', null, {}],
      ['reschedule without a time', 'reschedule', {}],
      ['reschedule to two times', 'reschedule', { at: '2100-01-01', after_ms: 5 }],
      ['a time that never comes', 'reschedule', { at: 'infinity' }],
      ['a wait that is negative', 'reject', { after_ms: -1 }],
      ['continue without a state', 'continue', {}],
      ['continue with the state null', 'continue', { state: null }],
    ] as const,
  )('%s', async ([, outcome, more], { harness }) => {
    const { job, token } = await later(harness)
    const before = [await harness.jobRow(job), await harness.currentJob(job)]

    expect(await refusal(harness.finish(token, outcome, more))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('Nothing was changed'),
    })

    expect([await harness.jobRow(job), await harness.currentJob(job)]).toEqual(before)
  })

  test('a token that has ended already', async ({ harness }) => {
    const { job, token } = await later(harness)
    await harness.finish(token, 'complete', { result: 1 })
    const before = await harness.jobRow(job)

    expect(await refusal(harness.finish(token, 'kill'))).toMatchObject({
      code: 'SQ404',
      message: expect.stringContaining(token),
      hint: expect.stringContaining('Nothing was changed'),
    })

    expect(await harness.jobRow(job)).toEqual(before)
  })

  test('a token whose lease ran out and was swept, though the job began anew', async ({ harness }) => {
    const { queue, job, token } = await later(harness, { retry_base_ms: 0 })
    await harness.age('current_job', queue)
    await harness.sweep()
    const [second] = await harness.take(randomUUID(), queue)

    expect(await refusal(harness.finish(token, 'complete'))).toMatchObject({ code: 'SQ404' })

    expect((await harness.currentJob(job)).id).toBe(second!.current_job.id)
  })

  test.for([['made up', randomUUID()], ['null', null]] as const)(
    'a token that is %s',
    async ([, token], { harness }) => {
      expect(await refusal(harness.finish(token, 'complete'))).toMatchObject({
        code: 'SQ404',
        message: `there is no current job ${token}`,
      })
    },
  )

  test('rather than waits, while somebody holds the job', async ({ harness, another }) => {
    const { job, token } = await later(harness)
    const user = await another()
    await user.begin()
    await user.hold('job', job)

    await harness.impatient()
    expect(await refusal(harness.finish(token, 'complete'))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining('Try again'),
    })

    await user.rollback()
    await harness.finish(token, 'complete')
    expect((await harness.jobRow(job)).status).toBe('success')
  })
})
