import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'

describe('updated_at', () => {
  test('says when a job was last written', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)
    await house.db.query(`update supaqueue.job set updated_at = now() - interval '1 hour' where id = $1`, [job])
    const before = await house.jobRow(job)

    await house.update('job', job, { priority: 1 })

    expect((await house.jobRow(job)).updated_at - before.updated_at).toBeGreaterThan(3_500_000)
  })

  test('takes what is written into it by hand', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)

    await house.update('job', job, { updated_at: new Date(0) })

    expect((await house.jobRow(job)).updated_at).toEqual(new Date(0))
  })

  test('is new after a job was begun, and after it was reported', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)
    await house.update('job', job, { updated_at: new Date(0) })
    await house.workers(queue, 1)
    await house.processJobs(queue)
    const begun = (await house.jobRow(job)).updated_at

    await house.endCurrentJob((await house.currentJob(job)).id, true)

    expect(begun.getTime()).toBeGreaterThan(0)
    expect((await house.jobRow(job)).updated_at.getTime()).toBeGreaterThan(begun.getTime())
  })
})
