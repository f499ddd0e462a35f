import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('updated_at', () => {
  test('says when a job was last written', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)
    await harness.db.query(`update supaqueue.job set updated_at = now() - interval '1 hour' where id = $1`, [job])
    const before = await harness.jobRow(job)

    await harness.update('job', job, { priority: 1 })

    expect((await harness.jobRow(job)).updated_at - before.updated_at).toBeGreaterThan(3_500_000)
  })

  test('takes what is written into it by hand', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)

    await harness.update('job', job, { updated_at: new Date(0) })

    expect((await harness.jobRow(job)).updated_at).toEqual(new Date(0))
  })

  test('is new after a job was begun, and after it was reported', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)
    await harness.update('job', job, { updated_at: new Date(0) })
    await harness.workers(queue, 1)
    await harness.processJobs(queue)
    const begun = (await harness.jobRow(job)).updated_at

    await harness.endCurrentJob((await harness.currentJob(job)).id, true)

    expect(begun.getTime()).toBeGreaterThan(0)
    expect((await harness.jobRow(job)).updated_at.getTime()).toBeGreaterThan(begun.getTime())
  })
})
