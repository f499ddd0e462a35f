import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

const waiting = randomUUID()

test.for(
  [
    ['without a run that waits, fifteen seconds ahead', null, null, 15],
    ['when the run that waits comes back', '8 seconds', null, 8],
    ['but not for that run itself', '8 seconds', waiting, 15],
    ['not when it should have been there', '-1 seconds', null, 15],
    ['not when the clock was set back since', '1 hour', null, 15],
  ] as const,
)('a sleeping queue need not be woken for what is due later: %s', async ([, back, run, seconds], { harness }) => {
  const queue = await harness.queue()
  if (back) {
    await harness.db.query(
      `update supaqueue.heartbeat set back_run = $2, back_at = clock_timestamp() + $3::interval where queue = $1`,
      [queue, waiting, back],
    )
  }

  const { rows: [{ ahead }] } = await harness.db.query(
    `select round(extract(epoch from supaqueue_internal.next_look($1, $2) - now())) as ahead`,
    [queue, run],
  )

  expect(Number(ahead)).toBe(seconds)
})
