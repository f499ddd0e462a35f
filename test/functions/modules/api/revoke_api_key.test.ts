import { createHash, randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'

describe('revoke_api_key', () => {
  test('has the key refused from then on, and frees its name', async ({ harness }) => {
    const name = randomUUID()
    const { rows: [{ key }] } = await harness.db.query(
      `select supaqueue.create_api_key($1, '{read}') as key`,
      [name],
    )
    const hash = createHash('sha256').update(key).digest('hex')

    expect(await ask(harness, 'revoke_api_key', { name })).toBe(true)

    expect(await ask(harness, 'use_api_key', { hash })).toBe(null)
    await harness.db.query(`select supaqueue.create_api_key($1, '{read}')`, [
      name,
    ])
  })

  test('says that there was none', async ({ harness }) => {
    expect(await ask(harness, 'revoke_api_key', { name: randomUUID() })).toBe(
      false,
    )
  })
})
