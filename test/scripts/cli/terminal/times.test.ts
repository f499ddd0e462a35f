import { expect, test } from 'vitest'
import { fromNow, span } from '../../../../scripts/cli/terminal/times.ts'

test.each([[0.4, '0 s'], [119, '119 s'], [120, '2 min'], [7199, '119 min'], [7200, '2 h'], [200_000, '2 days']])(
  '%d seconds are %s',
  (seconds, said) => {
    expect(span(seconds)).toBe(said)
  },
)

test('what was is ago, what will be is in so long', () => {
  const now = '2026-11-22T12:00:00Z'

  expect(fromNow('2026-11-22T11:57:00Z', now)).toBe('3 min ago')
  expect(fromNow('2026-11-22T13:00:00+01:00', now)).toBe('0 s ago')
  expect(fromNow('2026-11-22T12:30:00Z', now)).toBe('in 30 min')
})
