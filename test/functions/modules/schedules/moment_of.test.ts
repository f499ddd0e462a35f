import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [
    ['2026-07-01 12:00', 'Europe/Berlin', '2026-07-01T10:00:00.000Z', 'that exists once'],
    ['2026-03-29 01:59', 'Europe/Berlin', '2026-03-29T00:59:00.000Z', 'just before the clocks are put forward'],
    ['2026-03-29 02:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z', 'that is left out'],
    ['2026-03-29 02:59', 'Europe/Berlin', '2026-03-29T01:00:00.000Z', 'that is left out, an hour later'],
    ['2026-03-29 03:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z', 'just after the clocks are put forward'],
    ['2026-10-25 01:59', 'Europe/Berlin', '2026-10-24T23:59:00.000Z', 'just before the doubled hour'],
    ['2026-10-25 02:00', 'Europe/Berlin', '2026-10-25T00:00:00.000Z', 'that comes twice'],
    ['2026-10-25 02:59', 'Europe/Berlin', '2026-10-25T00:59:00.000Z', 'that comes twice, an hour later'],
    ['2026-10-25 03:00', 'Europe/Berlin', '2026-10-25T02:00:00.000Z', 'just after the doubled hour'],
    ['2026-03-08 02:30', 'America/New_York', '2026-03-08T07:00:00.000Z', 'that is left out in America'],
    ['2026-11-01 01:30', 'America/New_York', '2026-11-01T05:30:00.000Z', 'that comes twice in America'],
    ['2026-10-04 02:10', 'Australia/Lord_Howe', '2026-10-03T15:30:00.000Z', 'in a half hour that is left out'],
    ['2026-04-05 01:40', 'Australia/Lord_Howe', '2026-04-04T14:40:00.000Z', 'in a half hour that comes twice'],
    ['2011-12-30 08:00', 'Pacific/Apia', '2011-12-30T10:00:00.000Z', 'on a day that was left out'],
  ] as const,
)('%s in %s is %s: a time %s', async ([wall, zone, moment], { harness }) => {
  const { rows } = await harness.db.query('select supaqueue_internal.moment_of($1, $2) as moment', [wall, zone])

  expect(rows[0].moment.toISOString()).toBe(moment)
})
