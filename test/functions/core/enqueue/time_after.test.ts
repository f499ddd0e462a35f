import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('time_after', () => {
  test.for([
    ['1 day', '2026-01-02 00:00:00+00'],
    ['-1 day', '2025-12-31 00:00:00+00'],
    ['1 month -1 day', '2026-01-31 00:00:00+00'],
    ['178000000 years', 'infinity'],
    ['-178000000 years', 'infinity'],
    ['2147483647 months -2147483648 days', 'infinity'],
    [null, null],
  ])('of %s from the first of January 2026 is %s', async ([delay, time], { harness }) => {
    const { rows: [row] } = await harness.db.query(
      `select supaqueue_internal.time_after($1, '2026-01-01 00:00:00+00') is not distinct from $2::timestamptz as so`,
      [delay, time],
    )

    expect(row.so).toBe(true)
  })
})
