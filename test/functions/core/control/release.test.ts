import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('release', () => {
  test('lets a held job begin at once', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue, { status: 'held' })

    expect(await ask(harness, 'release', { job })).toBe(true)

    expect(await harness.inProgress(queue)).toEqual([job])
  })

  test('lets it begin no sooner than its run_at', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue, { status: 'held', due: '1 hour' })

    await ask(harness, 'release', { job })

    expect((await harness.jobRow(job)).status).toBe('pending')
  })

  test('of a job that is not held is no news', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const [running, pending] = await harness.jobs(queue, 2)

    expect(await ask(harness, 'release', { job: running })).toBe(false)
    expect(await ask(harness, 'release', { job: pending })).toBe(false)
    expect(await harness.inProgress(queue)).toEqual([running])
  })

  test('refuses a job that waits for others, until it does not', async ({ harness }) => {
    const queue = await harness.queue()
    const [first, second] = await harness.jobs(queue, 2)
    const job = await ask(harness, 'enqueue', { queue, depends_on: [first, second] })

    expect(await refusal(ask(harness, 'release', { job }))).toMatchObject({
      code: 'SQ409',
      message: `job ${job} waits for 2 other jobs`,
      hint: expect.stringContaining('cancel it and enqueue it again'),
    })
    expect((await harness.jobRow(job)).status).toBe('held')
  })

  test.for(['success', 'failed', 'cancelled'])('refuses a job that is %s', async (status, { harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)
    await harness.update('job', job, { status })

    expect(await refusal(ask(harness, 'release', { job }))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining('retry'),
    })
  })

  test('refuses a job that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'release', { job: 0 }))).code).toBe('SQ404')
  })
})
