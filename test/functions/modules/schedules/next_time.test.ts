import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { clocks, naiveNextTime } from '../../../support/cron.ts'
import { refusal } from '../../../support/refusal.ts'
import { type Harness, test } from '../../../support/harness.ts'

const nextTime = async (harness: Harness, cron: string | null, zone: string | null, after: string) =>
  (await harness.db.query('select supaqueue.next_time($1, $2, $3) as time', [cron, zone, after])).rows[0].time
    ?.toISOString() ?? null

const times = async (harness: Harness, cron: string, zone: string, after: string, count: number) => {
  const found: string[] = []
  for (let last = after; found.length < count; found.push(last)) last = await nextTime(harness, cron, zone, last)
  return found.map((time) => time.slice(5, 16))
}

describe('the next time', () => {
  test.for(
    [
      ['*/15 * * * *', '2026-01-01T10:00:00Z', '2026-01-01T10:15:00.000Z'],
      ['*/15 * * * *', '2026-01-01T10:14:59.999Z', '2026-01-01T10:15:00.000Z'],
      ['30 8 * * mon-fri', '2026-01-02T08:30:00Z', '2026-01-05T08:30:00.000Z'],
      ['0 0 1,15 * *', '2026-01-02T00:00:00Z', '2026-01-15T00:00:00.000Z'],
      ['0 0 13 * 5', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00.000Z'],
      ['0 0 */2 * 5', '2026-01-01T00:00:00Z', '2026-01-09T00:00:00.000Z'],
      ['5 4 29 feb *', '2026-01-01T00:00:00Z', '2028-02-29T04:05:00.000Z'],
      ['@hourly', '2026-01-01T10:00:00Z', '2026-01-01T11:00:00.000Z'],
      ['@daily', '2026-01-01T10:00:00Z', '2026-01-02T00:00:00.000Z'],
      ['@Midnight', '2026-01-01T10:00:00Z', '2026-01-02T00:00:00.000Z'],
      ['@weekly', '2026-01-01T10:00:00Z', '2026-01-04T00:00:00.000Z'],
      ['@monthly', '2026-01-01T10:00:00Z', '2026-02-01T00:00:00.000Z'],
      ['@yearly', '2026-01-01T10:00:00Z', '2027-01-01T00:00:00.000Z'],
      ['@annually', '2026-01-01T10:00:00Z', '2027-01-01T00:00:00.000Z'],
      ['  0\t0 1  1 * ', '2026-01-01T10:00:00Z', '2027-01-01T00:00:00.000Z'],
      ['* * 1 1 *', '2026-01-01T23:59:00Z', '2027-01-01T00:00:00.000Z'],
    ] as const,
  )('of %s after %s is %s', async ([cron, after, next], { harness }) => {
    expect(await nextTime(harness, cron, 'UTC', after)).toBe(next)
  })

  test('goes by the clocks of the time zone, not those of the session', async ({ harness }) => {
    await harness.db.query(`set time zone 'Asia/Tokyo'`)

    expect(await nextTime(harness, '0 8 * * *', 'Europe/Berlin', '2026-01-01T10:00:00Z')).toBe(
      '2026-01-02T07:00:00.000Z',
    )
    expect(await nextTime(harness, '0 8 * * *', 'Europe/Berlin', '2026-07-01T10:00:00Z')).toBe(
      '2026-07-02T06:00:00.000Z',
    )
  })

  test('of what is left out when the clocks are put forward is that moment, once', async ({ harness }) => {
    expect(await times(harness, '0,30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 3))
      .toEqual(['03-29T01:00', '03-30T00:00', '03-30T00:30'])
  })

  test('of what comes twice when the clocks are put back is the first', async ({ harness }) => {
    expect(await times(harness, '30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2))
      .toEqual(['10-25T00:30', '10-26T01:30'])
  })

  test('of every half hour is a half hour later, whatever is done with the clocks', async ({ harness }) => {
    expect(await times(harness, '0,30 * * * *', 'Europe/Berlin', '2026-10-25T00:00:00Z', 4))
      .toEqual(['10-25T00:30', '10-25T01:00', '10-25T01:30', '10-25T02:00'])
    expect(await times(harness, '15,45 * * * *', 'Europe/Berlin', '2026-03-29T00:30:00Z', 3))
      .toEqual(['03-29T00:45', '03-29T01:15', '03-29T01:45'])
  })

  test('of every hour of a day is its first midnight, should that come twice', async ({ harness }) => {
    expect(await times(harness, '0 * 1 11 *', 'America/Havana', '2026-10-15T00:00:00Z', 3))
      .toEqual(['11-01T04:00', '11-01T05:00', '11-01T06:00'])
  })

  test('may never come', async ({ harness }) => {
    expect(await nextTime(harness, '0 0 30 2 *', 'UTC', '2026-01-01T00:00:00Z')).toBeNull()
    expect(await nextTime(harness, '* * 31 4,6 *', 'UTC', '2026-01-01T00:00:00Z')).toBeNull()
    expect(await nextTime(harness, '* * * * *', 'UTC', 'infinity')).toBeNull()
  })
})

describe('what is not valid is refused, with what to write instead:', () => {
  test.for([null, '', '* * * *', '0 * * * * *', '60 * * * *', '* * 0 * *', '* * * 13 *', '* * * * 8', '@reboot', '@'])(
    'the cron expression %j',
    async (cron, { harness }) => {
      expect(await refusal(nextTime(harness, cron, 'UTC', '2026-01-01T00:00:00Z'))).toMatchObject({
        code: 'SQ422',
        message: expect.stringContaining('is not a cron expression'),
        hint: expect.stringContaining('Five fields'),
      })
    },
  )

  test.for([null, '', 'Europe/Berlyn', 'UTC+2', 'GMT-1', '+02:00', '2', 'CEST', 'PST', 'msk', 'z', 'CET', 'EST'])(
    'the time zone %j',
    async (zone, { harness }) => {
      expect(await refusal(nextTime(harness, '* * * * *', zone, '2026-01-01T00:00:00Z'))).toMatchObject({
        code: 'SQ422',
        message: expect.stringContaining('is not a time zone'),
        hint: expect.stringContaining('Europe/Berlin'),
      })
    },
  )
})

const DAYS = 6

test('is the one that a search minute by minute finds', async ({ harness }) => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC']
  const year = clocks(zones, '2026-01-01T00:00:00Z', '2026-12-31T00:00:00Z')
  // Most near a moment at which some of these clocks are put forward or back.
  const changes = ['03-29T01', '10-25T01', '03-08T07', '11-01T06', '04-04T15', '10-03T15'].map((hour) =>
    Date.parse(`2026-${hour}:00:00Z`)
  )
  const number = (low: number, high: number) => fc.integer({ min: low, max: high })
  const field = (low: number, high: number) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant('*') },
      {
        weight: 3,
        arbitrary: fc.uniqueArray(number(low, high), { minLength: 1, maxLength: 4 }).map((all) => all.join()),
      },
      { weight: 1, arbitrary: number(2, 20).map((step) => `*/${step}`) },
      {
        weight: 1,
        arbitrary: fc.tuple(number(low, high), number(low, high), number(1, 3)).map(([one, other, step]) =>
          `${Math.min(one, other)}-${Math.max(one, other)}/${step}`
        ),
      },
    )
  const hours = fc.oneof(field(0, 23), fc.constantFrom('1', '2', '1-3', '0,2', '2-23'))
  const after = fc.oneof(
    fc.tuple(fc.constantFrom(...changes), number(-3 * 86400, 86400)).map(([change, s]) => change + s * 1000),
    number(0, 350 * 86400).map((s) => Date.parse('2026-01-01T00:00:00Z') + s * 1000),
  )

  const cases = fc.array(
    fc.record({
      fields: fc.tuple(field(0, 59), hours, field(1, 31), field(1, 12), field(0, 7)),
      zone: fc.constantFrom(...zones),
      after,
    }),
    { minLength: 1, maxLength: 50, size: 'max' },
  )

  await fc.assert(
    fc.asyncProperty(cases, async (cases) => {
      const { rows } = await harness.db.query(
        `select supaqueue.next_time(cron, zone, after) as time
         from unnest($1::text[], $2::text[], $3::timestamptz[]) with ordinality as one (cron, zone, after, place)
         order by place`,
        [
          cases.map(({ fields }) => fields.join(' ')),
          cases.map(({ zone }) => zone),
          cases.map(({ after }) => new Date(after).toISOString()),
        ],
      )

      cases.forEach(({ fields, zone, after }, i) => {
        const found = rows[i].time?.getTime()
        const expected = naiveNextTime(fields, year[zone]!, after, DAYS)
        // The search ends after some days.
        if (expected !== undefined || found <= after + DAYS * 86400_000) expect(found).toBe(expected)
      })
    }),
    { numRuns: 20 },
  )
})
