import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('report_safely', () => {
  test('returns what report returns when nothing is in the way', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)
    const [entry] = await harness.take(randomUUID(), queue)
    const { worker } = await harness.currentJob(job)
    const made = randomUUID()

    const { rows: [answer] } = await harness.db.query('select * from supaqueue_internal.report_safely($1)', [
      JSON.stringify([{ token: entry!.current_job.id, outcome: 'success' }, { token: made, outcome: 'success' }]),
    ])

    expect(answer).toMatchObject({ freed: [worker], again: [], stale: [made], ended: ['success'] })
  })

  test('refuses what is no report, as report does', async ({ harness }) => {
    await expect(harness.db.query(`select supaqueue_internal.report_safely('[{"token": "x"}]')`)).rejects.toMatchObject(
      {
        code: 'SQ422',
      },
    )
  })
})
