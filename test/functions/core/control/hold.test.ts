import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('hold', () => {
  test('keeps a pending job from beginning', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)

    expect(await ask(harness, 'hold', { job })).toBe(true)

    await harness.workers(queue, 1)
    await harness.processJobs(queue)
    expect((await harness.jobRow(job)).status).toBe('held')
  })

  test('of a held job is no news', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue, { status: 'held' })

    expect(await ask(harness, 'hold', { job })).toBe(false)
  })

  test('keeps a job held when the jobs it depends on have ended', async ({ harness }) => {
    const queue = await harness.queue()
    const source = await harness.job(queue)
    const job = await ask(harness, 'enqueue', { queue, depends_on: [source] })

    expect(await ask(harness, 'hold', { job })).toBe(true)

    await harness.update('job', source, { status: 'success' })
    expect((await harness.jobRow(job)).status).toBe('held')
    expect(await ask(harness, 'release', { job })).toBe(true)
    expect((await harness.jobRow(job)).status).toBe('pending')
  })

  test('refuses a job in progress, which keeps its worker', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)

    expect(await refusal(ask(harness, 'hold', { job }))).toMatchObject({
      code: 'SQ409',
      message: `job ${job} is in progress`,
      hint: expect.stringContaining('cancel'),
    })
    expect(await harness.inProgress(queue)).toEqual([job])
  })

  test.for(['success', 'failed', 'cancelled'])('refuses a job that is %s', async (status, { harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)
    await harness.update('job', job, { status })

    expect((await refusal(ask(harness, 'hold', { job }))).code).toBe('SQ409')
  })

  test('refuses a job that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'hold', { job: 0 }))).code).toBe('SQ404')
  })
})
