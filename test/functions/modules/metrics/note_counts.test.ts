import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { counters } from './counters.ts'

test('what happened in a queue is counted, and nothing else', async ({ house }) => {
  const [queue, other] = [await house.queue(), await house.queue()]

  await house.db.query('select supaqueue_internal.note_counts($1, leases_lost => 2, duplicates => 1)', [queue])
  await house.db.query('select supaqueue_internal.note_counts($1, ended => $2, call_ms => $3)', [queue, ['success'], [
    5,
  ]])

  expect(await counters(house, queue)).toMatchObject({ leases_lost: 2, duplicates: 1, succeeded: 1 })
  expect(await counters(house, other)).toMatchObject({ leases_lost: 0, duplicates: 0, succeeded: 0 })
})
