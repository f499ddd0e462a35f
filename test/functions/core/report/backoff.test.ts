import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

/** The shortest and the longest of many waits, in milliseconds. */
async function waits(harness: Harness, attempts: number, baseMs: number, factor: number, maxMs: number) {
  const { rows: [{ shortest, longest }] } = await harness.db.query(
    `select min(wait)::float as shortest, max(wait)::float as longest
     from (
       select 1000 * extract(epoch from supaqueue_internal.backoff($1, $2, $3, $4)) as wait from generate_series(1, 300)
     ) as waits`,
    [attempts, baseMs, factor, maxMs],
  )
  return { shortest, longest }
}

describe('backoff', () => {
  test.for(
    [
      ['after the first attempt about the base', 1, 1000, 2, 60_000, 1000],
      ['after each further attempt so many times the last', 4, 1000, 3, 60_000, 27_000],
      ['never more than the maximum and its spread', 20, 1000, 2, 60_000, 60_000],
      ['the maximum after so many attempts that the power would overflow', 2_000_000_000, 1000, 100, 60_000, 60_000],
      ['the base again and again with a factor of one', 9, 500, 1, 60_000, 500],
      ['the base when no attempt was counted', 0, 1000, 2, 60_000, 1000],
    ] as const,
  )('waits %s', async ([, attempts, base, factor, max, expected], { harness }) => {
    const { shortest, longest } = await waits(harness, attempts, base, factor, max)

    expect(shortest).toBeGreaterThanOrEqual(expected * 0.75)
    expect(longest).toBeLessThanOrEqual(expected * 1.25)
  })

  test('spreads jobs that failed together over half the wait', async ({ harness }) => {
    const { shortest, longest } = await waits(harness, 1, 1000, 2, 60_000)

    expect(longest - shortest).toBeGreaterThan(400)
  })

  test('waits not at all with a base of zero', async ({ harness }) => {
    expect(await waits(harness, 7, 0, 2, 60_000)).toEqual({ shortest: 0, longest: 0 })
  })
})
