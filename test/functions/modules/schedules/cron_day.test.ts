import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const [EVERY_DAY, EVERY_MONTH, EVERY_WEEKDAY] = [range(1, 31), range(1, 12), range(0, 6)]

const day = async (
  harness: Harness,
  first: string,
  days: number[],
  months: number[],
  weekdays: number[],
  either = false,
) =>
  (await harness.db.query('select supaqueue_internal.cron_day($1, $2, $3, $4, $5)::text as day', [
    first,
    days,
    months,
    weekdays,
    either,
  ])).rows[0].day

describe('the first day', () => {
  test('may be the given one', async ({ harness }) => {
    expect(await day(harness, '2026-03-15', [15], EVERY_MONTH, EVERY_WEEKDAY)).toBe('2026-03-15')
  })

  test('is of one of the months, and the next year if need be', async ({ harness }) => {
    expect(await day(harness, '2026-03-15', EVERY_DAY, [2, 6], EVERY_WEEKDAY)).toBe('2026-06-01')
    expect(await day(harness, '2026-07-15', EVERY_DAY, [2, 6], EVERY_WEEKDAY)).toBe('2027-02-01')
  })

  test('passes over months that do not have it', async ({ harness }) => {
    expect(await day(harness, '2026-02-01', [31], EVERY_MONTH, EVERY_WEEKDAY)).toBe('2026-03-31')
    expect(await day(harness, '2026-01-01', [29], [2], EVERY_WEEKDAY)).toBe('2028-02-29')
    expect(await day(harness, '2096-03-01', [29], [2], EVERY_WEEKDAY)).toBe('2104-02-29')
  })

  test('is both day and weekday, or either where either will do', async ({ harness }) => {
    expect(await day(harness, '2026-03-01', [13], EVERY_MONTH, [5])).toBe('2026-03-13')
    expect(await day(harness, '2026-03-14', [13], EVERY_MONTH, [5])).toBe('2026-11-13')
    expect(await day(harness, '2026-03-14', [13], EVERY_MONTH, [5], true)).toBe('2026-03-20')
    expect(await day(harness, '2026-04-11', [13], EVERY_MONTH, [5], true)).toBe('2026-04-13')
  })

  test('may be 40 years away, and may never come', async ({ harness }) => {
    expect(await day(harness, '1888-03-01', [29], [2], [3])).toBe('1928-02-29')
    expect(await day(harness, '2026-01-01', [30, 31], [2], EVERY_WEEKDAY)).toBeNull()
  })
})
