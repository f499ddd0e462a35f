import { SupaqueueError } from './errors.ts'

/** A time as it travels. Throws `SQ422` for what is none. */
export function timeOf(at: Date | string): string {
  const time = new Date(at)
  if (!Number.isNaN(time.getTime())) return time.toISOString()
  throw new SupaqueueError(
    'SQ422',
    'at is not a time',
    'Give a Date, or a text such as 2030-01-01T00:00:00Z.',
  )
}

/** Whole milliseconds, `least` or more. Throws `SQ422`, which says what `name` is. */
export function milliseconds(name: string, ms: unknown, least = 0): number {
  if (typeof ms === 'number' && Number.isFinite(ms) && ms >= least) {
    return Math.ceil(ms)
  }
  throw new SupaqueueError('SQ422', `${name} is not a number of milliseconds`, `For ten seconds: { ${name}: 10_000 }.`)
}
