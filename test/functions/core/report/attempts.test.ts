import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const run = randomUUID()

async function begun(harness: Harness, settings: Parameters<Harness['queue']>[0] = {}) {
  const queue = await harness.queue({ workers: 1, retry_base_ms: 0, ...settings })
  await harness.turn(run, queue)
  const job = await harness.job(queue)
  const [entry] = await harness.take(run, queue)
  return { queue, job, token: entry!.current_job.id }
}

describe('an attempt that did not succeed', () => {
  test('is written down with all that was reported of it', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)
    const { begun_at } = await harness.currentJob(job)

    await harness.report(run, queue, [token], 'failed', {
      status: 500,
      error: 'boom',
      ms: 1234,
      head: '500 Internal Server Error\n\nboom',
      region: 'eu-central-1',
    })

    const { updated_at } = await harness.jobRow(job)
    expect(await harness.attempts(job)).toEqual([{
      id: expect.any(Number),
      job,
      attempt: 1,
      outcome: 'failed',
      begun_at,
      ended_at: updated_at,
      ms: 1234,
      status: 500,
      error: 'boom',
      head: '500 Internal Server Error\n\nboom',
      run,
      region: 'eu-central-1',
    }])
  })

  test('is written down when it was lost with its run', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)
    await harness.called(run, queue, [token])
    await harness.age('current_job', queue)

    await harness.sweep()

    expect(await harness.attempts(job)).toMatchObject([
      { attempt: 1, outcome: 'unknown', error: expect.stringContaining('lease ran out'), run, ms: null, status: null },
    ])
  })

  test('is written down after those before it, each under its number', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)
    await harness.report(run, queue, [token], 'failed')
    const [second] = await harness.take(run, queue)

    await harness.report(run, queue, [second!.current_job.id], 'unknown')

    expect((await harness.attempts(job)).map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 'failed'],
      [2, 'unknown'],
    ])
  })

  test('belongs to no run when its function was to report it', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)
    await harness.report(run, queue, [token], 'later')

    await harness.finish(token, 'reject', { message: 'not today' })

    expect(await harness.attempts(job)).toMatchObject([{ outcome: 'failed', error: 'not today', run: null }])
  })

  test('keeps no more than 1000 characters of its answer', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)

    await harness.report(run, queue, [token], 'failed', { head: 'ü'.repeat(1001) })

    expect((await harness.attempts(job))[0].head).toBe('ü'.repeat(1000))
  })

  test('goes when its job is deleted', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)
    await harness.report(run, queue, [token], 'killed')

    await harness.delete('job', job)

    expect(await harness.attempts(job)).toEqual([])
  })
})

describe('an attempt that succeeded', () => {
  test.for([[false, []], [true, ['success']]] as const)(
    'is written down only where the queue keeps them: %s',
    async ([keep, outcomes], { harness }) => {
      const { queue, job, token } = await begun(harness, { keep_success_attempts: keep })

      await harness.report(run, queue, [token], 'success', { result: 'long' })

      expect((await harness.attempts(job)).map(({ outcome }) => outcome)).toEqual(outcomes)
    },
  )
})

test('a claim that was never begun is no attempt, wherever attempts are kept', async ({ harness }) => {
  const { queue, job, token } = await begun(harness, { keep_success_attempts: true })

  await harness.report(run, queue, [token], 'not_run')

  expect(await harness.attempts(job)).toEqual([])
})
