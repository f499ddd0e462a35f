import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('last_job_id', () => {
  test('is the newest id, whether its job is still there or not', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)
    await harness.delete('job', job)

    expect((await harness.db.query('select supaqueue_internal.last_job_id() as id')).rows).toEqual([{ id: job }])
  })
})
