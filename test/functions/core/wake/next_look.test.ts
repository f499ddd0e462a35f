import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [
    ['without a run that waits, fifteen seconds ahead', null, 15],
    ['when the run that waits comes back', '8 seconds', 8],
    ['not when it should have been there', '-1 seconds', 15],
    ['not when the clock was set back since', '1 hour', 15],
  ] as const,
)('a sleeping queue need not be woken for what is due later: %s', async ([, back, seconds], { harness }) => {
  const queue = await harness.queue()
  if (back) {
    await harness.db.query(
      `update supaqueue.heartbeat set back_run = $2, back_at = clock_timestamp() + $3::interval where queue = $1`,
      [queue, randomUUID(), back],
    )
  }

  const { rows: [{ ahead }] } = await harness.db.query(
    `select round(extract(epoch from supaqueue_internal.next_look($1) - now())) as ahead`,
    [queue],
  )

  expect(Number(ahead)).toBe(seconds)
})
