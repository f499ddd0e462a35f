import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('park_report', () => {
  test('keeps the report, gives the worker back, and leaves the job in progress for nobody else to begin', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)
    const run = randomUUID()
    const [entry] = await harness.take(run, queue)
    const { worker } = await harness.currentJob(job)
    const report = { token: entry!.current_job.id, outcome: 'success', result: [1] }

    const { rows } = await harness.db.query(`select supaqueue_internal.park_report($1, '23503', 'no') as worker`, [
      JSON.stringify(report),
    ])

    expect(rows).toEqual([{ worker }])
    expect(await harness.currentJob(job)).toBeUndefined()
    expect((await harness.jobRow(job)).status).toBe('in_progress')
    const { rows: [trouble] } = await harness.db.query('select * from supaqueue.trouble where job = $1', [job])
    expect(trouble).toMatchObject({ kind: 'report', report: { outcome: 'success', result: [1], dispatcher: run } })
    expect((await harness.report(run, queue, [report.token])).stale).toEqual([report.token])
  })
})
