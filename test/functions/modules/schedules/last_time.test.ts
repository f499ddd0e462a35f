import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [
    ['*/15 * * * *', '2026-01-01T10:00:00Z', '2026-01-01T10:00:00Z', '2026-01-01T10:00:00Z'],
    ['*/15 * * * *', '2026-01-01T10:00:00Z', '2026-01-01T10:14:59Z', '2026-01-01T10:00:00Z'],
    ['*/15 * * * *', '2026-01-01T10:00:00Z', '2026-01-01T10:15:00Z', '2026-01-01T10:15:00Z'],
    ['* * * * *', '2026-01-01T10:00:00Z', '2026-12-01T10:00:30Z', '2026-12-01T10:00:00Z'],
    ['* 9 * * mon', '2026-01-05T09:00:00Z', '2026-12-01T10:00:30Z', '2026-11-30T09:59:00Z'],
    ['0 0 29 2 *', '2004-02-29T00:00:00Z', '2026-01-01T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['0,59 0 1 1,12 *', '2026-01-01T00:00:00Z', '2026-12-01T00:58:00Z', '2026-12-01T00:00:00Z'],
  ] as const,
)('the last time of %s from %s to %s is %s', async ([cron, first, at, last], { harness }) => {
  const { rows } = await harness.db.query(`select supaqueue_internal.last_time($1, 'UTC', $2, $3) as time`, [
    cron,
    first,
    at,
  ])

  expect(rows[0].time).toEqual(new Date(last))
})
