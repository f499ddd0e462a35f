import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

describe('snooze', () => {
  test('puts a job off until a time, and its attempts stay', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue, { attempts: 1 })

    const at = await ask(house, 'snooze', { job, until: '2099-01-01T00:00:00Z' })

    expect(at).toEqual(new Date('2099-01-01T00:00:00Z'))
    expect(await house.jobRow(job)).toMatchObject({ run_at: at, status: 'pending', attempts: 1 })
    await house.workers(queue, 1)
    expect(await house.inProgress(queue)).toEqual([])
  })

  test('by an interval counts from the moment, not from the beginning of the transaction', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)

    const { at, started } = await house.transaction(async () => {
      const { rows: [{ started }] } = await house.db.query('select now() as started')
      await house.db.query('select pg_sleep(0.01)')
      return { at: await ask(house, 'snooze', { job, delay: '1 hour' }), started }
    })

    expect(at - started).toBeGreaterThanOrEqual(3_600_010)
    expect(at - started).toBeLessThan(3_660_000)
  })

  test('to an earlier time rings the queue', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue, { due: '1 hour' })

    await ask(house, 'snooze', { job, delay: '0 seconds' })

    expect(await house.inProgress(queue)).toEqual([job])
  })

  test('leaves a held job held', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue, { status: 'held' })

    await ask(house, 'snooze', { job, delay: '1 hour' })

    expect((await house.jobRow(job)).status).toBe('held')
  })

  test('refuses a job in progress', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue)

    expect(await refusal(ask(house, 'snooze', { job, delay: '1 hour' }))).toMatchObject({
      code: 'SQ409',
      message: `job ${job} is in progress`,
    })
  })

  test.for(['success', 'failed', 'cancelled'])('refuses a job that is %s', async (status, { house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)
    await house.update('job', job, { status })

    expect((await refusal(ask(house, 'snooze', { job, delay: '1 hour' }))).code).toBe('SQ409')
  })

  test.for([[{}], [{ until: '2099-01-01', delay: '1 hour' }], [{ until: 'infinity' }]])(
    'refuses %j',
    async ([wrong], { house }) => {
      const queue = await house.queue()
      const job = await house.job(queue)

      expect(await refusal(ask(house, 'snooze', { job, ...wrong }))).toMatchObject({
        code: 'SQ422',
        hint: expect.stringContaining('hold'),
      })
    },
  )

  test('refuses a job that is not there', async ({ house }) => {
    expect((await refusal(ask(house, 'snooze', { job: 0, delay: '1 hour' }))).code).toBe('SQ404')
  })
})
