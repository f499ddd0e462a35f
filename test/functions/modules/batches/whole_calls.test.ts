import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('whole_calls', () => {
  test('adds the others of each batch, and leaves out one of which somebody holds a job', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 2, batch_size: 2 })
    const jobs = await harness.jobs(queue, 4)
    const rows = await Promise.all(jobs.map((job) => harness.currentJob(job)))
    const other = await another()
    await other.begin()
    await other.hold('current_job', rows[3].id)

    await harness.impatient()
    const { rows: [{ tokens }] } = await harness.db.query('select supaqueue_internal.whole_calls($1) as tokens', [
      [rows[0].id, rows[2].id],
    ])
    expect(tokens.sort()).toEqual([rows[0].id, rows[1].id].sort())
    await other.rollback()
  })

  test('leaves jobs without a batch as they are', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)
    const { id } = await harness.currentJob(job)
    const { rows: [{ tokens }] } = await harness.db.query('select supaqueue_internal.whole_calls($1) as tokens', [[id]])
    expect(tokens).toEqual([id])
  })
})
