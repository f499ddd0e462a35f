import { createHash, randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'

describe('revoke_api_key', () => {
  test('has the key refused from then on, and frees its name', async ({ house }) => {
    const name = randomUUID()
    const { rows: [{ key }] } = await house.db.query(
      `select supaqueue.create_api_key($1, '{read}') as key`,
      [name],
    )
    const hash = createHash('sha256').update(key).digest('hex')

    expect(await ask(house, 'revoke_api_key', { name })).toBe(true)

    expect(await ask(house, 'use_api_key', { hash })).toBe(null)
    await house.db.query(`select supaqueue.create_api_key($1, '{read}')`, [
      name,
    ])
  })

  test('says that there was none', async ({ house }) => {
    expect(await ask(house, 'revoke_api_key', { name: randomUUID() })).toBe(
      false,
    )
  })
})
