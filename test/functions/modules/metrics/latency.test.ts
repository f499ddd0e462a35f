import { expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

/** What is said of times, once they were put into steps. */
const latency = async (harness: Harness, times: number[], share: number): Promise<number | null> =>
  (await harness.db.query(
    `select supaqueue_internal.latency(coalesce(jsonb_object_agg(step, times), '{}'), $2) as ms
     from (select supaqueue_internal.latency_step(ms) as step, count(*) as times from unnest($1::float8[]) as ms group by 1) as one`,
    [times, share],
  )).rows[0].ms

test('nothing is said of no call', async ({ harness }) => {
  expect(await latency(harness, [], 0.5)).toBeNull()
})

test('a share of calls was as quick, within the width of a step, whatever the times', async ({ harness }) => {
  let seed = 7
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647
  const times = Array.from({ length: 999 }, () => Math.exp(random() * 12)).sort((a, b) => a - b)

  for (const share of [0, 0.01, 0.5, 0.95, 0.99, 1]) {
    const exact = Math.max(1, times[Math.ceil(share * times.length) - 1] ?? times[0]!)
    const said = (await latency(harness, times, share))!
    expect(said / exact, String(share)).toBeGreaterThan(1 / 1.45)
    expect(said / exact, String(share)).toBeLessThan(1.45)
  }
})
