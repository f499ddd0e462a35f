import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

/**
 * The version of a migration that comes behind all these files, which are sorted by name. The CLI compares names and versions
 * as texts, whatever their length, so that `30_a.sql` comes behind `20261128000000_b.sql`. Behind a time that lies ahead comes
 * the next second: the CLI shows a version as the time that it is. Where the last one is no time, somebody numbers by
 * themselves, and gets the next number of that length. `now` has fourteen digits.
 */
export function nextVersion(files: string[], now: string): string {
  const last = files.at(-1)
  const before = /^\d+/.exec(last ?? '')?.[0]
  if (before === undefined) return now
  if (before.length === now.length && before < now) return now
  const next = [secondAfter(before), String(BigInt(before) + 1n).padStart(before.length, '0')]
    .find((text) => text !== undefined && text.length === before.length && text > before)
  if (next !== undefined) return next
  throw new SupaqueueError(
    'SQ409',
    `no migration can come behind supabase/migrations/${last}: the CLI compares versions as texts, and there is none above ${before}`,
    'Nothing was written. Rename it to a time of fourteen digits, as npx supabase migration new does, and run the same command again.',
  )
}

/** Of fourteen digits, as a time; also of what is none, such as a sixtieth second. */
function secondAfter(version: string): string | undefined {
  const [, year, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(version)?.map(Number) ?? []
  if (year === undefined) return undefined
  const [month, day, hour, minute, second] = parts as [number, number, number, number, number]
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second + 1))
  return time.toISOString().replace(/\D/g, '').slice(0, -3)
}
