import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

/**
 * The version of a migration that comes behind all these files, which are sorted by name. The CLI compares names and versions
 * as texts, whatever their length, so that `30_a.sql` comes behind `20261128000000_b.sql`. Where the last one is no time,
 * somebody numbers by themselves, and gets the next number of that length. `now` has fourteen digits.
 */
export function nextVersion(files: string[], now: string): string {
  const last = files.at(-1)
  const before = /^\d+/.exec(last ?? '')?.[0]
  if (before === undefined) return now
  if (before.length === now.length && before < now) return now
  const next = String(BigInt(before) + 1n).padStart(before.length, '0')
  if (next.length === before.length) return next
  throw new SupaqueueError(
    'SQ409',
    `no migration can come behind supabase/migrations/${last}: the CLI compares versions as texts, and there is none above ${before}`,
    'Nothing was written. Rename it to a time of fourteen digits, as npx supabase migration new does, and run the same command again.',
  )
}
