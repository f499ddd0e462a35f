import { createHash, randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'

/** Makes a key and returns its hash. */
const key = async (
  harness: Harness,
  limits: { max_rps?: number; burst?: number; expires_at?: string } = {},
) => {
  const { rows } = await harness.db.query(
    `select supaqueue.create_api_key($1, '{read,enqueue}', $2, coalesce($3, 10), $4) as key`,
    [randomUUID(), limits.max_rps, limits.burst, limits.expires_at],
  )
  return createHash('sha256').update(rows[0].key).digest('hex')
}

const rowOf = async (harness: Harness, hash: string) =>
  (await harness.db.query('select * from supaqueue.api_key where hash = $1', [
    hash,
  ])).rows[0]

describe('use_api_key', () => {
  test('says whose key it is, and what it may do', async ({ harness }) => {
    const hash = await key(harness)

    expect(await ask(harness, 'use_api_key', { hash })).toEqual({
      id: (await rowOf(harness, hash)).id,
      name: (await rowOf(harness, hash)).name,
      scopes: ['read', 'enqueue'],
      wait_ms: 0,
    })
  })

  test('knows no key that is not there, and none that has expired', async ({ harness }) => {
    expect(await ask(harness, 'use_api_key', { hash: 'f'.repeat(64) })).toBe(
      null,
    )
    expect(
      await ask(harness, 'use_api_key', {
        hash: await key(harness, { expires_at: '2001-01-01' }),
      }),
    ).toBe(null)
    expect(
      await ask(harness, 'use_api_key', {
        hash: await key(harness, { expires_at: '2999-01-01' }),
      }),
    ).not.toBe(null)
  })

  test('lets a burst through, then says how long to wait', async ({ harness }) => {
    const hash = await key(harness, { max_rps: 0.01, burst: 3 })

    const waits = []
    for (let i = 0; i < 5; i++) {
      waits.push((await ask(harness, 'use_api_key', { hash })).wait_ms)
    }

    expect(waits.slice(0, 3)).toEqual([0, 0, 0])
    for (const wait of waits.slice(3)) {
      expect(wait).toBeGreaterThan(90_000)
      expect(wait).toBeLessThanOrEqual(100_000)
    }
  })

  test('lets one through again once its time has come', async ({ harness }) => {
    const hash = await key(harness, { max_rps: 0.01, burst: 1 })
    await ask(harness, 'use_api_key', { hash })

    await harness.db.query(
      `update supaqueue.api_key set free_at = now() where hash = $1`,
      [hash],
    )

    expect((await ask(harness, 'use_api_key', { hash })).wait_ms).toBe(0)
    expect((await ask(harness, 'use_api_key', { hash })).wait_ms).toBeGreaterThan(
      0,
    )
  })

  test('lets through no more than the burst when many come at once', async ({ harness, another }) => {
    const hash = await key(harness, { max_rps: 0.01, burst: 4 })
    const sessions = await Promise.all(
      Array.from({ length: 8 }, () => another()),
    )

    const said = await Promise.all(
      sessions.map((session) => ask(session, 'use_api_key', { hash })),
    )

    expect(said.filter(({ wait_ms }) => wait_ms === 0)).toHaveLength(4)
  })

  test('notes when it was last used, and not with every use', async ({ harness }) => {
    const hash = await key(harness)
    await ask(harness, 'use_api_key', { hash })
    const first = (await rowOf(harness, hash)).last_used_at
    await ask(harness, 'use_api_key', { hash })

    expect(first).not.toBe(null)
    expect((await rowOf(harness, hash)).last_used_at).toEqual(first)
    await harness.db.query(
      `update supaqueue.api_key set last_used_at = now() - interval '2 minutes' where hash = $1`,
      [
        hash,
      ],
    )
    await ask(harness, 'use_api_key', { hash })
    expect((await rowOf(harness, hash)).last_used_at.getTime())
      .toBeGreaterThanOrEqual(first.getTime())
  })
})
