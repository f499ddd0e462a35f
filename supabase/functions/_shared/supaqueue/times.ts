import { SupaqueueError } from './errors.ts'

/** A time as it travels. Throws `SQ422` for what is none, which says what `name` is. */
export function timeOf(at: Date | string, name = 'at'): string {
  const time = new Date(at)
  // Of a later year JavaScript writes more digits, and with a sign, which no database reads.
  if (!Number.isNaN(time.getTime()) && /^\d{4}-/.test(time.toISOString())) return time.toISOString()
  throw new SupaqueueError(
    'SQ422',
    `${name} is not a time`,
    'It is before the year 10000: give a Date, or a text such as 2030-01-01T00:00:00Z.',
  )
}

/** Whole milliseconds, `least` or more. Throws `SQ422`, which says what `name` is. */
export function milliseconds(name: string, ms: unknown, least = 0): number {
  if (typeof ms === 'number' && Number.isFinite(ms) && ms >= least) {
    return Math.ceil(ms)
  }
  throw new SupaqueueError('SQ422', `${name} is not a number of milliseconds`, `For ten seconds: { ${name}: 10_000 }.`)
}
