import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

/** A queue with a limit whose next job may begin so long from now. */
const limited = async (harness: Harness, maxRps: number, burst: number, free: string) => {
  const name = `limit ${Math.random()}`
  await harness.db.query(
    `insert into supaqueue.rate_limit (name, max_rps, burst, free_at) values ($1, $2, $3, '2030-01-01'::timestamptz + $4::interval)`,
    [name, maxRps, burst, free],
  )
  return await harness.queue({ rate_limit: name })
}

const left = async (harness: Harness, queue: string, { most = 100, locking = false } = {}): Promise<number> =>
  (await harness.db.query(
    `select (supaqueue_internal.claims_allowed(queue, '2030-01-01', $2, $3)).allowed as left from supaqueue.queue where id = $1`,
    [queue, most, locking],
  )).rows[0].left

describe('a rate limit lets begin', () => {
  test.for(
    [
      ['nothing before its time', 10, 1, '1 millisecond', 0],
      ['one when its time is further away than it can be', 10, 1, '102 milliseconds', 1],
      ['one when its time has come', 10, 1, '0 seconds', 1],
      ['one more for each distance that has passed since', 10, 1, '-200 milliseconds', 3],
      ['no more than a quarter of a second later is made up for', 10, 1, '-1 hour', 3],
      ['one, of a limit slower than that', 0.2, 1, '-1 hour', 1],
      ['its burst after a pause', 0.2, 4, '-1 hour', 4],
      ['what is left of its burst', 1, 5, '-2 seconds', 3],
    ] as const,
  )('%s', async ([, maxRps, burst, free, count], { harness }) => {
    expect(await left(harness, await limited(harness, maxRps, burst, free))).toBe(count)
  })

  test('no more than were asked for', async ({ harness }) => {
    expect(await left(harness, await limited(harness, 0.2, 4, '-1 hour'), { most: 2 })).toBe(2)
  })

  test('nothing while somebody else is taking, who is not waited for', async ({ harness, another }) => {
    const queue = await limited(harness, 10, 1, '0 seconds')
    const other = await another()

    const [mine, theirs, looked] = await harness.transaction(async () => [
      await left(harness, queue, { locking: true }),
      await left(other, queue, { locking: true }),
      await left(other, queue),
    ])

    expect([mine, theirs, looked]).toEqual([1, 0, 1])
  })
})

test('a queue without a rate limit begins as many as are asked for', async ({ harness }) => {
  expect(await left(harness, await harness.queue(), { most: 7, locking: true })).toBe(7)
})
