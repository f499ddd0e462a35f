import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { happened, steps } from './counters.ts'

const recent = async (harness: Harness, queue: string, taken: string[] | null = null) =>
  (await harness.db.query('select * from supaqueue_internal.recent_counts($2) where queue = $1', [queue, taken]))
    .rows[0]

describe('what happened lately', () => {
  test('is added up by queue', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]
    await happened(harness, queue, { enqueued: 3, begun: 2, wake_ups: 1 })
    await happened(harness, queue, { enqueued: 4, leases_lost: 1, duplicates: 5, runs: 2 })
    await happened(harness, other, { enqueued: 100 })

    expect(await recent(harness, queue)).toMatchObject({
      enqueued: 7,
      begun: 2,
      leases_lost: 1,
      duplicates: 5,
      wake_ups: 1,
      runs: 2,
      calls: [],
      calls_ms: 0,
    })
    expect(await recent(harness, other)).toMatchObject({ enqueued: 100, begun: 0 })
  })

  test('counts attempts by how they ended, and the others not at all', async ({ harness }) => {
    const queue = await harness.queue()
    await happened(harness, queue, { ended: ['success', 'failed', 'retried', 'success', 'not_run', 'parked'] })
    await happened(harness, queue, { ended: ['deferred', 'rescheduled', 'dropped', 'retried', 'killed'] })

    expect(await recent(harness, queue)).toMatchObject({
      succeeded: 2,
      failed: 2,
      killed: 1,
      retried: 2,
      deferred: 1,
      rescheduled: 1,
      dropped: 1,
    })
  })

  test('puts what took exactly as long as a bound into the step of that bound', async ({ harness }) => {
    const queue = await harness.queue()
    await happened(harness, queue, { call_ms: [0, 1, 1.01, 5, 86_400_000, 90_000_000, null] })
    await happened(harness, queue, { call_ms: [5], wait_ms: [-3, 250], turn_ms: 2.5 })

    const row = await recent(harness, queue)

    expect(await steps(harness, row.calls)).toEqual({ 1: 2, 2.5: 1, 5: 2, 86_400_000: 1, more: 1 })
    expect(row.calls_ms).toBeCloseTo(0 + 1 + 1.01 + 5 + 86_400_000 + 90_000_000 + 5, 1)
    expect(await steps(harness, row.waits)).toEqual({ 1: 1, 250: 1 })
    expect(await steps(harness, row.turns)).toEqual({ 2.5: 1 })
    expect(row.turns_ms).toBe(2.5)
  })

  test('can be limited to some of it', async ({ harness }) => {
    const queue = await harness.queue()
    await happened(harness, queue, { enqueued: 1 })
    await happened(harness, queue, { enqueued: 10 })
    const { rows: [row] } = await harness.db.query(
      'select ctid::text from supaqueue.counter_delta where queue = $1 and enqueued = 10',
      [queue],
    )

    expect(await recent(harness, queue, [row.ctid])).toMatchObject({ enqueued: 10 })
    expect(await recent(harness, queue, [])).toBeUndefined()
  })
})
