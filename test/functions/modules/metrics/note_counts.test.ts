import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { counters } from './counters.ts'

test('what happened in a queue is counted, and nothing else', async ({ harness }) => {
  const [queue, other] = [await harness.queue(), await harness.queue()]

  await harness.db.query('select supaqueue_internal.note_counts($1, leases_lost => 2, duplicates => 1)', [queue])
  await harness.db.query('select supaqueue_internal.note_counts($1, ended => $2, call_ms => $3)', [queue, ['success'], [
    5,
  ]])

  expect(await counters(harness, queue)).toMatchObject({ leases_lost: 2, duplicates: 1, succeeded: 1 })
  expect(await counters(harness, other)).toMatchObject({ leases_lost: 0, duplicates: 0, succeeded: 0 })
})
