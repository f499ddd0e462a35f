import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const run = randomUUID()

async function begun(house: House, settings: Parameters<House['queue']>[0] = {}) {
  const queue = await house.queue({ workers: 1, retry_base_ms: 0, ...settings })
  await house.turn(run, queue)
  const job = await house.job(queue)
  const [entry] = await house.take(run, queue)
  return { queue, job, token: entry!.current_job.id }
}

describe('an attempt that did not succeed', () => {
  test('is written down with all that was reported of it', async ({ house }) => {
    const { queue, job, token } = await begun(house)
    const { begun_at } = await house.currentJob(job)

    await house.report(run, queue, [token], 'failed', {
      status: 500,
      error: 'boom',
      ms: 1234,
      head: '500 Internal Server Error\n\nboom',
      region: 'eu-central-1',
    })

    const { updated_at } = await house.jobRow(job)
    expect(await house.attempts(job)).toEqual([{
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

  test('is written down when it was lost with its run', async ({ house }) => {
    const { queue, job, token } = await begun(house)
    await house.called(run, queue, [token])
    await house.age('current_job', queue)

    await house.sweep()

    expect(await house.attempts(job)).toMatchObject([
      { attempt: 1, outcome: 'unknown', error: expect.stringContaining('lease ran out'), run, ms: null, status: null },
    ])
  })

  test('is written down after those before it, each under its number', async ({ house }) => {
    const { queue, job, token } = await begun(house)
    await house.report(run, queue, [token], 'failed')
    const [second] = await house.take(run, queue)

    await house.report(run, queue, [second!.current_job.id], 'unknown')

    expect((await house.attempts(job)).map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 'failed'],
      [2, 'unknown'],
    ])
  })

  test('belongs to no run when its function was to report it', async ({ house }) => {
    const { queue, job, token } = await begun(house)
    await house.report(run, queue, [token], 'later')

    await house.finish(token, 'reject', { message: 'not today' })

    expect(await house.attempts(job)).toMatchObject([{ outcome: 'failed', error: 'not today', run: null }])
  })

  test('keeps no more than 1000 characters of its answer', async ({ house }) => {
    const { queue, job, token } = await begun(house)

    await house.report(run, queue, [token], 'failed', { head: 'ü'.repeat(1001) })

    expect((await house.attempts(job))[0].head).toBe('ü'.repeat(1000))
  })

  test('goes when its job is deleted', async ({ house }) => {
    const { queue, job, token } = await begun(house)
    await house.report(run, queue, [token], 'killed')

    await house.delete('job', job)

    expect(await house.attempts(job)).toEqual([])
  })
})

describe('an attempt that succeeded', () => {
  test.for([[false, []], [true, ['success']]] as const)(
    'is written down only where the queue keeps them: %s',
    async ([keep, outcomes], { house }) => {
      const { queue, job, token } = await begun(house, { keep_success_attempts: keep })

      await house.report(run, queue, [token], 'success', { result: 'long' })

      expect((await house.attempts(job)).map(({ outcome }) => outcome)).toEqual(outcomes)
    },
  )
})

test('a claim that was never begun is no attempt, wherever attempts are kept', async ({ house }) => {
  const { queue, job, token } = await begun(house, { keep_success_attempts: true })

  await house.report(run, queue, [token], 'not_run')

  expect(await house.attempts(job)).toEqual([])
})
