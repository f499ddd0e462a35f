import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('run_now', () => {
  test('begins a planned job at once', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue, { due: '1 hour' })

    expect(await ask(harness, 'run_now', { job })).toBe(true)

    expect(await harness.inProgress(queue)).toEqual([job])
  })

  test('begins a job of a paused queue, and no other', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2, paused: true })
    await harness.jobs(queue, 2)
    const job = await harness.job(queue, { due: '1 hour' })

    expect(await ask(harness, 'run_now', { job })).toBe(true)

    expect(await harness.inProgress(queue)).toEqual([job])
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('on a paused queue without a free worker makes it due, says so, and it begins when that is resumed', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const running = await harness.job(queue)
    const run = randomUUID()
    const [entry] = await harness.take(run, queue)
    const job = await harness.job(queue, { due: '1 hour' })
    await ask(harness, 'pause', { queue })

    expect(await ask(harness, 'run_now', { job })).toBe(false)
    expect(await harness.inProgress(queue)).toEqual([running])

    await harness.endCurrentJob(entry!.current_job.id, true)
    expect(await harness.inProgress(queue)).toEqual([])
    await ask(harness, 'resume', { queue })
    expect((await harness.take(run, queue)).map((entry) => entry.job.id)).toEqual([job])
  })

  test('puts no job that is due already behind others', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue, { due: '-1 hour' })
    const { run_at } = await harness.jobRow(job)

    await ask(harness, 'run_now', { job })

    expect((await harness.jobRow(job)).run_at).toEqual(run_at)
  })

  test.for([false, true])('leaves a job in progress as it is; its queue is paused: %s', async (paused, { harness }) => {
    const queue = await harness.queue({ workers: 2 })
    const job = await harness.job(queue)
    await harness.update('queue', queue, { paused })
    const before = await harness.currentJob(job)

    expect(await ask(harness, 'run_now', { job })).toBe(true)
    expect(await harness.currentJob(job)).toEqual(before)
  })

  test.for(['held', 'success', 'failed', 'cancelled'])('refuses a job that is %s', async (status, { harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)
    await harness.update('job', job, { status })

    expect(await refusal(ask(harness, 'run_now', { job }))).toMatchObject({
      code: 'SQ409',
      message: `job ${job} is ${status}`,
      hint: expect.stringContaining(status === 'held' ? 'release' : 'retry'),
    })
  })

  test('refuses a job that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'run_now', { job: 0 }))).code).toBe('SQ404')
  })
})
