import { createHash, randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const make = async (harness: Harness, ...args: unknown[]): Promise<string> =>
  (await harness.db.query(
    `select supaqueue.create_api_key(${args.map((_, i) => `$${i + 1}`)}) as key`,
    args,
  )).rows[0].key

describe('create_api_key', () => {
  test('shows the key once, and keeps nothing but its hash', async ({ harness }) => {
    const name = randomUUID()

    const key = await make(harness, name, ['read'])

    expect(key).toMatch(/^sqk_[0-9a-f]{64}$/)
    const { rows } = await harness.db.query(
      'select * from supaqueue.api_key where name = $1',
      [name],
    )
    expect(rows[0].hash).toBe(createHash('sha256').update(key).digest('hex'))
    expect(JSON.stringify(rows)).not.toContain(key.slice(4))
  })

  test('makes another key each time', async ({ harness }) => {
    expect(await make(harness, randomUUID(), ['read'])).not.toBe(
      await make(harness, randomUUID(), ['read']),
    )
  })

  test('refuses a name that is taken', async ({ harness }) => {
    const name = randomUUID()
    await make(harness, name, ['read'])

    expect(await refusal(make(harness, name, ['read']))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining('revoke_api_key'),
    })
  })

  test.for([
    ['no scopes', [randomUUID(), []]],
    ['scopes that are not there', [randomUUID(), ['everything']]],
    ['no name', ['', ['read']]],
    ['null as name', [null, ['read']]],
    ['a max_rps of 0', [randomUUID(), ['read'], 0]],
    ['a burst of 0', [randomUUID(), ['read'], 1, 0]],
  ] as [string, unknown[]][])('refuses %s', async ([, args], { harness }) => {
    expect((await refusal(make(harness, ...args))).code).toBe('SQ422')
  })

  test('makes a key that is known by its hash until it is revoked', async ({ harness }) => {
    const name = randomUUID()
    const hash = createHash('sha256').update(await make(harness, name, ['read']))
      .digest('hex')

    expect(await ask(harness, 'use_api_key', { hash })).toMatchObject({ name })
  })
})
