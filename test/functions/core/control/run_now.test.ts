import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

describe('run_now', () => {
  test('begins a planned job at once', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue, { due: '1 hour' })

    expect(await ask(house, 'run_now', { job })).toBe(true)

    expect(await house.inProgress(queue)).toEqual([job])
  })

  test('begins a job of a paused queue, and no other', async ({ house }) => {
    const queue = await house.queue({ workers: 2, paused: true })
    await house.jobs(queue, 2)
    const job = await house.job(queue, { due: '1 hour' })

    expect(await ask(house, 'run_now', { job })).toBe(true)

    expect(await house.inProgress(queue)).toEqual([job])
    expect(await house.wakeUps(queue)).toBe(1)
  })

  test('on a paused queue without a free worker makes it due, says so, and it begins when that is resumed', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const running = await house.job(queue)
    const run = randomUUID()
    const [entry] = await house.take(run, queue)
    const job = await house.job(queue, { due: '1 hour' })
    await ask(house, 'pause', { queue })

    expect(await ask(house, 'run_now', { job })).toBe(false)
    expect(await house.inProgress(queue)).toEqual([running])

    await house.endCurrentJob(entry!.current_job.id, true)
    expect(await house.inProgress(queue)).toEqual([])
    await ask(house, 'resume', { queue })
    expect((await house.take(run, queue)).map((entry) => entry.job.id)).toEqual([job])
  })

  test('puts no job that is due already behind others', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue, { due: '-1 hour' })
    const { run_at } = await house.jobRow(job)

    await ask(house, 'run_now', { job })

    expect((await house.jobRow(job)).run_at).toEqual(run_at)
  })

  test.for([false, true])('leaves a job in progress as it is; its queue is paused: %s', async (paused, { house }) => {
    const queue = await house.queue({ workers: 2 })
    const job = await house.job(queue)
    await house.update('queue', queue, { paused })
    const before = await house.currentJob(job)

    expect(await ask(house, 'run_now', { job })).toBe(true)
    expect(await house.currentJob(job)).toEqual(before)
  })

  test.for(['held', 'success', 'failed', 'cancelled'])('refuses a job that is %s', async (status, { house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)
    await house.update('job', job, { status })

    expect(await refusal(ask(house, 'run_now', { job }))).toMatchObject({
      code: 'SQ409',
      message: `job ${job} is ${status}`,
      hint: expect.stringContaining(status === 'held' ? 'release' : 'retry'),
    })
  })

  test('refuses a job that is not there', async ({ house }) => {
    expect((await refusal(ask(house, 'run_now', { job: 0 }))).code).toBe('SQ404')
  })
})
