import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { fold, happened } from './counters.ts'

test('adds up what the sweep has not yet, by queue', async ({ harness }) => {
  const [queue, other] = [await harness.queue(), await harness.queue()]
  await fold(harness)
  await happened(harness, queue, {
    begun: 3,
    ended: ['success', 'retried', 'killed'],
    call_ms: [3, 4, 900],
    enqueued: 7,
  })
  await happened(harness, queue, { ended: ['deferred', 'failed', 'dropped', 'rescheduled'], leases_lost: 1 })
  await happened(harness, other, { wake_ups: 1 })

  const { rows } = await harness.db.query(
    'select * from supaqueue_internal.recent_history() where queue = any ($1) order by queue = $2 desc',
    [[queue, other], queue],
  )

  expect(rows).toMatchObject([
    {
      span: 'minute',
      enqueued: 7,
      begun: 3,
      succeeded: 1,
      failed: 2,
      retried: 1,
      deferred: 1,
      rescheduled: 1,
      dropped: 1,
      leases_lost: 1,
      calls: { 4: 2, 20: 1 },
      calls_ms: 907,
      backlog: null,
    },
    { queue: other, succeeded: 0, calls: {} },
  ])
})
