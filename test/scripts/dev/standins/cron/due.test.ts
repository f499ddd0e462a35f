import { describe, expect, test } from 'vitest'
import { readSchedule } from '../../../../../scripts/dev/standins/cron/due.ts'

const after = (schedule: string, time: string) => {
  const due = readSchedule(schedule)(Date.parse(time))
  return due === undefined ? undefined : new Date(due).toISOString()
}

describe('a cron schedule', () => {
  test.each([
    ['10 seconds', '2026-03-01T00:00:05.500Z', '2026-03-01T00:00:15.500Z'],
    ['1 second', '2026-03-01T00:00:59.000Z', '2026-03-01T00:01:00.000Z'],
    ['* * * * *', '2026-03-01T00:00:00.000Z', '2026-03-01T00:01:00.000Z'],
    ['*/15 * * * *', '2026-03-01T00:46:00.000Z', '2026-03-01T01:00:00.000Z'],
    ['5,20-22 * * * *', '2026-03-01T00:20:30.000Z', '2026-03-01T00:21:00.000Z'],
    ['10-30/10 4 * * *', '2026-03-01T04:21:00.000Z', '2026-03-01T04:30:00.000Z'],
    ['30 3 * * *', '2026-12-31T03:30:00.000Z', '2027-01-01T03:30:00.000Z'],
    ['0 0 29 2 *', '2026-03-01T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
    ['0 0 * * 0', '2026-03-03T00:00:00.000Z', '2026-03-08T00:00:00.000Z'],
    ['0 0 * * 7', '2026-03-03T00:00:00.000Z', '2026-03-08T00:00:00.000Z'],
    ['0 0 * * 1-5', '2026-03-06T12:00:00.000Z', '2026-03-09T00:00:00.000Z'],
    ['0 0 13 * 5', '2026-03-01T00:00:00.000Z', '2026-03-06T00:00:00.000Z'],
  ])('%s after %s comes due at %s', (schedule, time, due) => {
    expect(after(schedule, time)).toBe(due)
  })

  test('for a day that no month has never comes due', () => {
    expect(after('0 0 31 2 *', '2026-03-01T00:00:00.000Z')).toBeUndefined()
  })
})
