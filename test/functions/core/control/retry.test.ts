import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

describe('retry', () => {
  test.for(['success', 'failed', 'cancelled'])(
    'begins a job anew that is %s: the same row, with all its attempts',
    async (status, { house }) => {
      const queue = await house.queue()
      const job = await house.job(queue, { due: '-1 hour', payload: { n: 1 } })
      await house.update('job', job, {
        status,
        attempts: 3,
        deferrals: 2,
        error: 'no',
        result: '1',
        progress_percent: 5,
      })
      await house.workers(queue, 1)
      await house.age('heartbeat', queue)

      await ask(house, 'retry', { job })

      expect(await house.inProgress(queue)).toEqual([job])
      expect(await house.jobRow(job)).toMatchObject({
        payload: { n: 1 },
        attempts: 1,
        deferrals: 0,
        error: null,
        result: null,
        progress_percent: null,
        finished_at: null,
      })
    },
  )

  test('goes on from the state of the last slice', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)
    await house.update('job', job, { status: 'failed', state: '{"page": 5}' })

    await ask(house, 'retry', { job })

    expect((await house.jobRow(job)).state).toEqual({ page: 5 })
  })

  test('takes its turn behind those that were due before', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue, { due: '-1 hour' })
    await house.update('job', job, { status: 'failed' })
    const other = await house.job(queue, { due: '-1 minute' })

    await ask(house, 'retry', { job })

    expect((await house.jobRow(job)).run_at.getTime()).toBeGreaterThan((await house.jobRow(other)).run_at.getTime())
  })

  test('refuses a job whose dedupe_key another one has now', async ({ house }) => {
    const queue = await house.queue()
    const job = await ask(house, 'enqueue', { queue, dedupe_key: 'k' })
    await house.update('job', job, { status: 'failed' })
    const other = await ask(house, 'enqueue', { queue, dedupe_key: 'k' })

    expect(await refusal(ask(house, 'retry', { job }))).toMatchObject({
      code: 'SQ409',
      message: `job ${other} has the dedupe_key of job ${job} now`,
      hint: expect.stringContaining('cancel'),
    })
    expect((await house.jobRow(job)).status).toBe('failed')
  })

  test.for([['pending', 'run_now'], ['held', 'release']])(
    'refuses a job that is %s, and names what would do',
    async ([status, would], { house }) => {
      const queue = await house.queue()
      const job = await house.job(queue, { status })

      expect(await refusal(ask(house, 'retry', { job }))).toMatchObject({
        code: 'SQ409',
        message: `job ${job} has not ended: it is ${status}`,
        hint: expect.stringContaining(would!),
      })
    },
  )

  test('refuses a job in progress', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue)

    expect((await refusal(ask(house, 'retry', { job }))).message).toBe(`job ${job} has not ended: it is in progress`)
  })

  test('refuses a job that is not there', async ({ house }) => {
    expect((await refusal(ask(house, 'retry', { job: 0 }))).code).toBe('SQ404')
  })
})
