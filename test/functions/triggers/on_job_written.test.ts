import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../support/refusal.ts'
import { test } from '../../support/house.ts'

describe('a job', () => {
  test('with a null status is held, inserted or written', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const inserted = await house.job(queue, { status: null })
    const written = await house.job(queue, { status: 'cancelled' })

    await house.update('job', written, { status: null })

    expect((await house.jobRow(inserted)).status).toBe('held')
    expect((await house.jobRow(written)).status).toBe('held')
  })

  test('that is planned for later is pending: planned is no status', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue, { due: '1 hour' })

    expect((await house.jobRow(job)).status).toBe('pending')
    const { rows } = await house.db.query('select unnest(enum_range(null::supaqueue.job_status))::text as status')
    expect(rows.map(({ status }) => status)).toEqual([
      'held',
      'pending',
      'in_progress',
      'success',
      'failed',
      'cancelled',
    ])
  })

  test('is set in progress by nobody but a worker', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)
    const refused = { code: 'SQ409', hint: expect.stringContaining('Write the status pending') }

    expect(await refusal(house.update('job', job, { status: 'in_progress' }))).toMatchObject(refused)
    expect(await refusal(house.job(queue, { status: 'in_progress' }))).toMatchObject(refused)

    expect((await house.jobRow(job)).status).toBe('pending')
  })

  test('is set in progress by nobody else in a transaction that paired', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(randomUUID(), queue)
    const [, other] = await house.jobs(queue, 2)

    const work = house.transaction(async () => {
      expect(await house.processJobs(queue)).toBe(1)
      await house.update('job', other!, { status: 'in_progress' })
    })

    expect(await refusal(work)).toMatchObject({ code: 'SQ409' })
  })

  test('in progress stays in its queue', async ({ house }) => {
    const [queue, other] = [await house.queue({ workers: 1 }), await house.queue()]
    const job = await house.job(queue)

    expect(await refusal(house.update('job', job, { queue: other }))).toMatchObject({
      code: 'SQ409',
      message: expect.stringContaining(`job ${job} is in progress`),
      hint: expect.stringContaining('held or cancelled first'),
    })

    expect((await house.jobRow(job)).queue).toBe(queue)
  })

  test('in progress may be written otherwise', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue)
    await house.take(randomUUID(), queue)

    await house.update('job', job, { priority: 4, status: 'in_progress', queue })

    expect(await house.jobRow(job)).toMatchObject({ priority: 4, status: 'in_progress' })
  })
})
