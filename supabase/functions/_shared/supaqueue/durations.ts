import { SupaqueueError } from './errors.ts'

/** Milliseconds, or a text such as `90 seconds`, `10 min`, `2 hours`, `3 days`, `1 week`. */
export type Duration = number | string

const UNITS: [RegExp, number][] = [
  [/^(ms|milliseconds?)$/, 1],
  [/^(s|secs?|seconds?)$/, 1000],
  [/^(m|mins?|minutes?)$/, 60_000],
  [/^(h|hrs?|hours?)$/, 3_600_000],
  [/^(d|days?)$/, 86_400_000],
  [/^(w|weeks?)$/, 604_800_000],
]

// Ninety-five years: what is later is nothing that a job waits for.
const MOST_MS = 3e12

/** The duration in milliseconds. Throws `SQ422`, which says what `name` is. */
export function durationOf(name: string, duration: Duration): number {
  const ms = typeof duration === 'number' ? duration : parse(duration)
  if (typeof ms === 'number' && ms >= 0 && ms <= MOST_MS) return Math.ceil(ms)
  throw new SupaqueueError(
    'SQ422',
    `${name} is not a duration`,
    "Give milliseconds, or a text such as '90 seconds', '10 min', '2 hours', '3 days' or '1 week'. A month has no length: give a Date.",
  )
}

function parse(text: string): number | undefined {
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text) ?? []
  const factor = UNITS.find(([name]) => name.test(unit.toLowerCase()))?.[1]
  return number !== undefined && factor !== undefined ? Number(number) * factor : undefined
}
