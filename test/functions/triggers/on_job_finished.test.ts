import { describe, expect } from 'vitest'
import { test } from '../../support/house.ts'

const longAgo = new Date(0)

describe('finished_at', () => {
  test.for(['success', 'failed', 'cancelled'])('is set when a job is set to %s by hand', async (status, { house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)
    const inserted = await house.job(queue, { status })

    await house.update('job', job, { status })

    expect((await house.jobRow(job)).finished_at).toBeInstanceOf(Date)
    expect((await house.jobRow(inserted)).finished_at).toBeInstanceOf(Date)
  })

  test.for([['held', 'held'], ['pending', 'pending'], ['null', null]] as const)(
    'is taken away when a failed job is set to %s',
    async ([, status], { house }) => {
      const queue = await house.queue()
      const job = await house.job(queue, { status: 'failed' })

      await house.update('job', job, { status })

      expect((await house.jobRow(job)).finished_at).toBe(null)
    },
  )

  test('keeps what is written into it beside the status', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)

    await house.update('job', job, { status: 'success', finished_at: longAgo })

    expect((await house.jobRow(job)).finished_at).toEqual(longAgo)
  })

  test('stays as it is when a finished job is written otherwise', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)
    await house.update('job', job, { status: 'success', finished_at: longAgo })

    await house.update('job', job, { priority: 3, status: 'success' })

    expect((await house.jobRow(job)).finished_at).toEqual(longAgo)
  })
})
