import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

const run = randomUUID()

describe('assert_reports', () => {
  test.for([
    ['without a token', { outcome: 'success' }],
    ['with a number as its token', { token: 7, outcome: 'success' }],
    ['with a token that is none', { token: 'x', outcome: 'wonderful' }],
    ['without an outcome', { token: randomUUID() }],
    ['with an outcome that nobody knows', { token: randomUUID(), outcome: 'wonderful' }],
  ])('refuses a report %s, and nothing of those beside it is done', async ([, report], { harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)
    const [taken] = await harness.take(run, queue)
    const good = { token: taken!.current_job.id, outcome: 'success' }

    for (const reports of [[good, report], [report, good]]) {
      await expect(
        harness.db.query('select public.supaqueue_turn($1)', [JSON.stringify({ run, queue, reports })]),
      ).rejects.toMatchObject({ code: 'SQ422', hint: expect.stringContaining('Nothing was changed') })
      expect((await harness.jobRow(job)).status).toBe('in_progress')
    }
  })

  test('lets reports pass that come twice, or too late', async ({ harness }) => {
    const { rows } = await harness.db.query('select supaqueue_internal.assert_reports($1)', [
      JSON.stringify([1, 2].map(() => ({ token: randomUUID(), outcome: 'later' }))),
    ])

    expect(rows).toHaveLength(1)
  })
})
