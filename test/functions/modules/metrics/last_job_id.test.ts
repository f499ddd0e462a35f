import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'

describe('last_job_id', () => {
  test('is the newest id, whether its job is still there or not', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)
    await house.delete('job', job)

    expect((await house.db.query('select supaqueue_internal.last_job_id() as id')).rows).toEqual([{ id: job }])
  })
})
