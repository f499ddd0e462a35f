import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('snooze', () => {
  test('puts a job off until a time, and its attempts stay', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue, { attempts: 1 })

    const at = await ask(harness, 'snooze', { job, until: '2099-01-01T00:00:00Z' })

    expect(at).toEqual(new Date('2099-01-01T00:00:00Z'))
    expect(await harness.jobRow(job)).toMatchObject({ run_at: at, status: 'pending', attempts: 1 })
    await harness.workers(queue, 1)
    expect(await harness.inProgress(queue)).toEqual([])
  })

  test('by an interval counts from the moment, not from the beginning of the transaction', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)

    const { at, started } = await harness.transaction(async () => {
      const { rows: [{ started }] } = await harness.db.query('select now() as started')
      await harness.db.query('select pg_sleep(0.01)')
      return { at: await ask(harness, 'snooze', { job, delay: '1 hour' }), started }
    })

    expect(at - started).toBeGreaterThanOrEqual(3_600_010)
    expect(at - started).toBeLessThan(3_660_000)
  })

  test('to an earlier time rings the queue', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue, { due: '1 hour' })

    await ask(harness, 'snooze', { job, delay: '0 seconds' })

    expect(await harness.inProgress(queue)).toEqual([job])
  })

  test('leaves a held job held', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue, { status: 'held' })

    await ask(harness, 'snooze', { job, delay: '1 hour' })

    expect((await harness.jobRow(job)).status).toBe('held')
  })

  test('refuses a job in progress', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)

    expect(await refusal(ask(harness, 'snooze', { job, delay: '1 hour' }))).toMatchObject({
      code: 'SQ409',
      message: `job ${job} is in progress`,
    })
  })

  test.for(['success', 'failed', 'cancelled'])('refuses a job that is %s', async (status, { harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)
    await harness.update('job', job, { status })

    expect((await refusal(ask(harness, 'snooze', { job, delay: '1 hour' }))).code).toBe('SQ409')
  })

  test.for([[{}], [{ until: '2099-01-01', delay: '1 hour' }], [{ until: 'infinity' }]])(
    'refuses %j',
    async ([wrong], { harness }) => {
      const queue = await harness.queue()
      const job = await harness.job(queue)

      expect(await refusal(ask(harness, 'snooze', { job, ...wrong }))).toMatchObject({
        code: 'SQ422',
        hint: expect.stringContaining('hold'),
      })
    },
  )

  test('refuses a job that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'snooze', { job: 0, delay: '1 hour' }))).code).toBe('SQ404')
  })
})
