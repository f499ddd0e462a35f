import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { MAX_WAIT_MS, readRetryAfter } from '../../../../../supabase/functions/supaqueue/answer/retry_after.ts'

const now = Date.parse('2026-11-06T08:48:07Z')

const HOUR = 3_600_000

// A zone in which a date that does not say its own would be read wrongly.
const zone = process.env.TZ
process.env.TZ = 'Asia/Kolkata'
afterAll(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

test.each<[string, number | undefined]>([
  ['90', 90_000],
  ['0', 0],
  [' 90 ', 90_000],
  ['090', 90_000],
  ['90.5', 90_500],
  ['0.0001', 1],
  ['90.', 90_000],
  ['.5', 500],
  ['-.5', 0],
  ['+90', 90_000],
  ['-5', 0],
  ['-0.5', 0],
  ['90, 95', 95_000],
  ['95,90', 95_000],
  ['90,', 90_000],
  [', 90', 90_000],
  ['90, Fri, 06 Nov 2026 08:49:37 GMT', 90_000],
  ['5, Fri, 06 Nov 2026 08:49:37 GMT', 90_000],
  ['Fri, 06 Nov 2026 08:49:37 GMT, Fri, 06 Nov 2026 08:49:38 GMT', 91_000],
  ['99999999999999999999', HOUR],
  [`${'9'.repeat(400)}`, HOUR],
  ['Fri, 06 Nov 2026 08:49:37 GMT', 90_000],
  ['Friday, 06-Nov-26 08:49:37 GMT', 90_000],
  ['Fri Nov  6 08:49:37 2026', 90_000],
  ['Fri, 6 Nov 2026 08:49:37 GMT', 90_000],
  ['Fri, 06 Nov 2026 08:49:37 Z', 90_000],
  ['2026-11-06T09:49:37+0100', 90_000],
  ['Fri, 06 Nov 2026 09:49:37 +0100', 90_000],
  ['2026-11-06T08:49:37Z', 90_000],
  ['2026-11-06T09:49:37.500+01:00', 90_500],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
  ['Thu, 06 Nov 9999 08:49:37 GMT', HOUR],
  // What is none of these says nothing: it is not guessed at.
  ['', undefined],
  [',', undefined],
  ['soon', undefined],
  ['90s', undefined],
  ['90 95', undefined],
  ['1e3', undefined],
  ['0x10', undefined],
  ['90;q=1', undefined],
  ['Infinity', undefined],
  ['NaN', undefined],
  ['2026', 2_026_000],
  ['2026-11-06', undefined],
  ['Fri, 46 Nov 2026 08:49:37 GMT', undefined],
])('Retry-After: %s', (text, wait) => {
  expect(readRetryAfter(text, now)).toBe(wait)
})

test('whatever it says, a wait is whole milliseconds from now to an hour', () => {
  const piece = fc.oneof(
    fc.double().map(String),
    fc.integer().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    fc.string(),
  )

  fc.assert(fc.property(fc.array(piece, { maxLength: 4 }), (pieces) => {
    const wait = readRetryAfter(pieces.join(', '), now)
    expect(
      wait === undefined ||
        Number.isInteger(wait) && wait >= 0 && wait <= MAX_WAIT_MS,
    ).toBe(true)
  }))
})
