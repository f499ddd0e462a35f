import { expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { fold, happened } from './counters.ts'

const rates = async (harness: Harness, queue: string) =>
  (await harness.db.query('select * from supaqueue_internal.recent_rates() where queue = $1', [queue])).rows[0]

test('the rate of errors is of calls, whether or not their jobs have ended', async ({ harness }) => {
  const queue = await harness.queue()
  await fold(harness)
  await happened(harness, queue, {
    ended: [...Array(54).fill('retried'), ...Array(6).fill('success')],
    call_ms: Array(60).fill(100),
  })

  const before = await rates(harness, queue)
  await fold(harness)

  expect(before).toMatchObject({ calls: 60, errors: 54, deferred: 0, error_rate: '0.900' })
  expect(await rates(harness, queue)).toMatchObject({ calls: 60, errors: 54, error_rate: '0.900' })
  expect(before.p50_ms).toBeGreaterThan(70)
  expect(before.p50_ms).toBeLessThan(142)
})

test('what was longer ago than five minutes does not count', async ({ harness }) => {
  const queue = await harness.queue()
  await harness.db.query(
    `insert into supaqueue.history (queue, span, at, failed, succeeded)
     select $1, 'minute', date_trunc('minute', now()) - ago * interval '1 minute', ago, 1 from unnest('{0, 1, 6, 60}'::integer[]) as ago`,
    [queue],
  )

  expect(await rates(harness, queue)).toMatchObject({ calls: 3, errors: 1 })
})

test('calls that were put off are no errors, and no calls that were answered', async ({ harness }) => {
  const queue = await harness.queue()
  await fold(harness)
  await happened(harness, queue, { ended: ['deferred', 'deferred'] })

  expect(await rates(harness, queue)).toMatchObject({ calls: 0, deferred: 2, error_rate: null, p95_ms: null })
})

test('a backlog drains by what ends and does not come', async ({ harness }) => {
  const queue = await harness.queue()
  await fold(harness)
  await happened(harness, queue, { ended: Array(100).fill('success'), enqueued: 20 })
  const { drains_per_minute, ended_per_minute, enqueued_per_minute } = await rates(harness, queue)

  expect(Number(drains_per_minute)).toBeGreaterThan(0)
  expect(Number(drains_per_minute)).toBeCloseTo(Number(ended_per_minute) - Number(enqueued_per_minute), 0)
})
