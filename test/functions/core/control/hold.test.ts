import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

describe('hold', () => {
  test('keeps a pending job from beginning', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)

    expect(await ask(house, 'hold', { job })).toBe(true)

    await house.workers(queue, 1)
    await house.processJobs(queue)
    expect((await house.jobRow(job)).status).toBe('held')
  })

  test('of a held job is no news', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue, { status: 'held' })

    expect(await ask(house, 'hold', { job })).toBe(false)
  })

  test('keeps a job held when the jobs it depends on have ended', async ({ house }) => {
    const queue = await house.queue()
    const source = await house.job(queue)
    const job = await ask(house, 'enqueue', { queue, depends_on: [source] })

    expect(await ask(house, 'hold', { job })).toBe(true)

    await house.update('job', source, { status: 'success' })
    expect((await house.jobRow(job)).status).toBe('held')
    expect(await ask(house, 'release', { job })).toBe(true)
    expect((await house.jobRow(job)).status).toBe('pending')
  })

  test('refuses a job in progress, which keeps its worker', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue)

    expect(await refusal(ask(house, 'hold', { job }))).toMatchObject({
      code: 'SQ409',
      message: `job ${job} is in progress`,
      hint: expect.stringContaining('cancel'),
    })
    expect(await house.inProgress(queue)).toEqual([job])
  })

  test.for(['success', 'failed', 'cancelled'])('refuses a job that is %s', async (status, { house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)
    await house.update('job', job, { status })

    expect((await refusal(ask(house, 'hold', { job }))).code).toBe('SQ409')
  })

  test('refuses a job that is not there', async ({ house }) => {
    expect((await refusal(ask(house, 'hold', { job: 0 }))).code).toBe('SQ404')
  })
})
