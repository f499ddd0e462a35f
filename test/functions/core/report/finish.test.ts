import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

/** A job whose function reports later. */
async function later(house: House, settings: Parameters<House['queue']>[0] = {}) {
  const queue = await house.queue({ workers: 1, retry_base_ms: 60_000, ...settings })
  const run = randomUUID()
  await house.turn(run, queue)
  const job = await house.job(queue)
  const [entry] = await house.take(run, queue)
  const token = entry!.current_job.id
  await house.report(run, queue, [token], 'later')
  return { queue, job, token }
}

const inMs = (later: Date, earlier: Date) => later.getTime() - earlier.getTime()

describe('finish', () => {
  test('complete ends the job with its result', async ({ house }) => {
    const { queue, job, token } = await later(house)

    await house.finish(token, 'complete', { result: { pages: 7 }, message: 'not kept' })

    const row = await house.jobRow(job)
    expect(row).toMatchObject({ status: 'success', attempts: 1, result: { pages: 7 }, error: null })
    expect(row.finished_at).toEqual(row.updated_at)
    expect(await house.freeWorkers(queue)).toBe(1)
    expect(await house.currentJobs(queue)).toEqual([])
  })

  test('complete keeps no more of a result than the queue does, and marks it as cut', async ({ house }) => {
    const { job, token } = await later(house, { result_max_bytes: 10 })

    await house.finish(token, 'complete', { result: 'abcdefghijkl' })

    expect((await house.jobRow(job)).result).toEqual({ truncated: true, text: '"abcdefghi' })
  })

  test('reject puts the job back with backoff and the reason', async ({ house }) => {
    const { job, token } = await later(house)

    await house.finish(token, 'reject', { message: 'model overloaded', result: 'not kept' })

    const row = await house.jobRow(job)
    expect(row).toMatchObject({ status: 'pending', attempts: 1, error: 'model overloaded', result: null })
    expect(inMs(row.run_at, row.updated_at)).toBeGreaterThanOrEqual(45_000)
    expect(inMs(row.run_at, row.updated_at)).toBeLessThanOrEqual(75_000)
    expect(await house.attempts(job)).toMatchObject([{ outcome: 'failed', error: 'model overloaded' }])
  })

  test('reject waits as long as it was asked to', async ({ house }) => {
    const { job, token } = await later(house)

    await house.finish(token, 'reject', { after_ms: 5_000 })

    const row = await house.jobRow(job)
    expect(inMs(row.run_at, row.updated_at)).toBe(5_000)
  })

  test('reject at the last attempt fails the job', async ({ house }) => {
    const { job, token } = await later(house, { max_attempts: 1 })

    await house.finish(token, 'reject', { message: 'no' })

    expect(await house.jobRow(job)).toMatchObject({ status: 'failed', error: 'no' })
  })

  test('reschedule puts the job off to a time, its attempts anew', async ({ house }) => {
    const { job, token } = await later(house)

    await house.finish(token, 'reschedule', { at: '2100-01-01T00:00:00Z', message: 'next century' })

    const row = await house.jobRow(job)
    expect(row).toMatchObject({ status: 'pending', attempts: 0, error: null })
    expect(row.run_at.toISOString()).toBe('2100-01-01T00:00:00.000Z')
    expect(await house.attempts(job)).toMatchObject([{ outcome: 'rescheduled', error: 'next century' }])
  })

  test('reschedule puts the job off for a while', async ({ house }) => {
    const { job, token } = await later(house)

    await house.finish(token, 'reschedule', { after_ms: 86_400_000 })

    const row = await house.jobRow(job)
    expect(inMs(row.run_at, row.updated_at)).toBe(86_400_000)
  })

  test('kill fails the job, whatever attempts are left', async ({ house }) => {
    const { job, token } = await later(house)

    await house.finish(token, 'kill', { message: 'no such user' })

    expect(await house.jobRow(job)).toMatchObject({ status: 'failed', attempts: 1, error: 'no such user' })
  })

  test('drop deletes the job and frees its worker', async ({ house }) => {
    const { queue, job, token } = await later(house)

    await house.finish(token, 'drop')

    expect(await house.jobRow(job)).toBe(undefined)
    expect(await house.freeWorkers(queue)).toBe(1)
  })

  test('continue takes a state of 256 kB, and refuses a larger one', async ({ house }) => {
    const { job, token } = await later(house)
    // With its two quotes.
    const most = 'a'.repeat(262_142)

    expect(await refusal(house.finish(token, 'continue', { state: most + 'a' }))).toMatchObject({
      code: 'SQ413',
      message: 'the state has 262145 bytes, and a job keeps at most 262144',
      hint: expect.stringContaining('Nothing was changed'),
    })
    expect(await house.jobRow(job)).toMatchObject({ status: 'in_progress', state: null })

    await house.finish(token, 'continue', { state: most })
    expect((await house.jobRow(job)).state).toBe(most)
  })

  test('continue makes the next call go on from a state', async ({ house }) => {
    const { queue, job, token } = await later(house)

    await house.finish(token, 'continue', { state: { page: 8 } })

    expect(await house.jobRow(job)).toMatchObject({ attempts: 0, state: { page: 8 } })
    const [entry] = await house.take(randomUUID(), queue)
    expect(entry!.job).toMatchObject({ id: job, attempts: 1, state: '{"page": 8}' })
  })

  test('keeps no more than 500 characters of its message', async ({ house }) => {
    const { job, token } = await later(house)

    await house.finish(token, 'kill', { message: 'x'.repeat(501) })

    expect((await house.jobRow(job)).error).toBe('x'.repeat(500))
  })

  test('rings, so that the freed worker gets the next job though nobody is awake', async ({ house }) => {
    const { queue, token } = await later(house)
    const next = await house.job(queue)
    await house.age('heartbeat', queue)

    await house.finish(token, 'complete')

    expect(await house.inProgress(queue)).toEqual([next])
    expect(await house.wakeUps(queue)).toBe(1)
  })

  test('may come before the call that it belongs to was reported', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue)
    const [entry] = await house.take(randomUUID(), queue)

    await house.finish(entry!.current_job.id, 'complete')

    expect((await house.jobRow(job)).status).toBe('success')
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
  )('%s', async ([, outcome, more], { house }) => {
    const { job, token } = await later(house)
    const before = [await house.jobRow(job), await house.currentJob(job)]

    expect(await refusal(house.finish(token, outcome, more))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('Nothing was changed'),
    })

    expect([await house.jobRow(job), await house.currentJob(job)]).toEqual(before)
  })

  test('a token that has ended already', async ({ house }) => {
    const { job, token } = await later(house)
    await house.finish(token, 'complete', { result: 1 })
    const before = await house.jobRow(job)

    expect(await refusal(house.finish(token, 'kill'))).toMatchObject({
      code: 'SQ404',
      message: expect.stringContaining(token),
      hint: expect.stringContaining('Nothing was changed'),
    })

    expect(await house.jobRow(job)).toEqual(before)
  })

  test('a token whose lease ran out and was swept, though the job began anew', async ({ house }) => {
    const { queue, job, token } = await later(house, { retry_base_ms: 0 })
    await house.age('current_job', queue)
    await house.sweep()
    const [second] = await house.take(randomUUID(), queue)

    expect(await refusal(house.finish(token, 'complete'))).toMatchObject({ code: 'SQ404' })

    expect((await house.currentJob(job)).id).toBe(second!.current_job.id)
  })

  test.for([['made up', randomUUID()], ['null', null]] as const)(
    'a token that is %s',
    async ([, token], { house }) => {
      expect(await refusal(house.finish(token, 'complete'))).toMatchObject({
        code: 'SQ404',
        message: `there is no current job ${token}`,
      })
    },
  )

  test('rather than waits, while somebody holds the job', async ({ house, another }) => {
    const { job, token } = await later(house)
    const user = await another()
    await user.begin()
    await user.hold('job', job)

    await house.impatient()
    expect(await refusal(house.finish(token, 'complete'))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining('Try again'),
    })

    await user.rollback()
    await house.finish(token, 'complete')
    expect((await house.jobRow(job)).status).toBe('success')
  })
})
