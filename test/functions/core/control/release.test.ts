import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

describe('release', () => {
  test('lets a held job begin at once', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue, { status: 'held' })

    expect(await ask(house, 'release', { job })).toBe(true)

    expect(await house.inProgress(queue)).toEqual([job])
  })

  test('lets it begin no sooner than its run_at', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue, { status: 'held', due: '1 hour' })

    await ask(house, 'release', { job })

    expect((await house.jobRow(job)).status).toBe('pending')
  })

  test('of a job that is not held is no news', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const [running, pending] = await house.jobs(queue, 2)

    expect(await ask(house, 'release', { job: running })).toBe(false)
    expect(await ask(house, 'release', { job: pending })).toBe(false)
    expect(await house.inProgress(queue)).toEqual([running])
  })

  test('refuses a job that waits for others, until it does not', async ({ house }) => {
    const queue = await house.queue()
    const [first, second] = await house.jobs(queue, 2)
    const job = await ask(house, 'enqueue', { queue, depends_on: [first, second] })

    expect(await refusal(ask(house, 'release', { job }))).toMatchObject({
      code: 'SQ409',
      message: `job ${job} waits for 2 other jobs`,
      hint: expect.stringContaining('cancel it and enqueue it again'),
    })
    expect((await house.jobRow(job)).status).toBe('held')
  })

  test.for(['success', 'failed', 'cancelled'])('refuses a job that is %s', async (status, { house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)
    await house.update('job', job, { status })

    expect(await refusal(ask(house, 'release', { job }))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining('retry'),
    })
  })

  test('refuses a job that is not there', async ({ house }) => {
    expect((await refusal(ask(house, 'release', { job: 0 }))).code).toBe('SQ404')
  })
})
