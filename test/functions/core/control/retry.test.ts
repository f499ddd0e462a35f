import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('retry', () => {
  test.for(['success', 'failed', 'cancelled'])(
    'begins a job anew that is %s: the same row, with all its attempts',
    async (status, { harness }) => {
      const queue = await harness.queue()
      const job = await harness.job(queue, { due: '-1 hour', payload: { n: 1 } })
      await harness.update('job', job, {
        status,
        attempts: 3,
        deferrals: 2,
        error: 'no',
        result: '1',
        progress_percent: 5,
      })
      await harness.workers(queue, 1)
      await harness.age('heartbeat', queue)

      await ask(harness, 'retry', { job })

      expect(await harness.inProgress(queue)).toEqual([job])
      expect(await harness.jobRow(job)).toMatchObject({
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

  test('goes on from the state of the last slice', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)
    await harness.update('job', job, { status: 'failed', state: '{"page": 5}' })

    await ask(harness, 'retry', { job })

    expect((await harness.jobRow(job)).state).toEqual({ page: 5 })
  })

  test('takes its turn behind those that were due before', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue, { due: '-1 hour' })
    await harness.update('job', job, { status: 'failed' })
    const other = await harness.job(queue, { due: '-1 minute' })

    await ask(harness, 'retry', { job })

    expect((await harness.jobRow(job)).run_at.getTime()).toBeGreaterThan((await harness.jobRow(other)).run_at.getTime())
  })

  test('refuses a job whose dedupe_key another one has now', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await ask(harness, 'enqueue', { queue, dedupe_key: 'k' })
    await harness.update('job', job, { status: 'failed' })
    const other = await ask(harness, 'enqueue', { queue, dedupe_key: 'k' })

    expect(await refusal(ask(harness, 'retry', { job }))).toMatchObject({
      code: 'SQ409',
      message: `job ${other} has the dedupe_key of job ${job} now`,
      hint: expect.stringContaining('cancel'),
    })
    expect((await harness.jobRow(job)).status).toBe('failed')
  })

  test.for([['pending', 'run_now'], ['held', 'release']])(
    'refuses a job that is %s, and names what would do',
    async ([status, would], { harness }) => {
      const queue = await harness.queue()
      const job = await harness.job(queue, { status })

      expect(await refusal(ask(harness, 'retry', { job }))).toMatchObject({
        code: 'SQ409',
        message: `job ${job} has not ended: it is ${status}`,
        hint: expect.stringContaining(would!),
      })
    },
  )

  test('refuses a job in progress', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)

    expect((await refusal(ask(harness, 'retry', { job }))).message).toBe(`job ${job} has not ended: it is in progress`)
  })

  test('refuses a job that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'retry', { job: 0 }))).code).toBe('SQ404')
  })
})
