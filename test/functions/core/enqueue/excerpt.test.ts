import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { bombs } from '../../../support/bombs.ts'
import { test } from '../../../support/house.ts'

describe('excerpt', () => {
  test('is the beginning of a value', async ({ house }) => {
    expect(await ask(house, 'excerpt', { value: { to: 'a@example.com' }, most: 6 })).toBe('{"to":')
  })

  test.for(bombs)('of %s says why it is not shown', async ([, json], { house }) => {
    const { rows: [{ excerpt }] } = await house.db.query('select supaqueue_internal.excerpt($1::jsonb)', [json])

    expect(excerpt).toMatch(/^\(not shown: it /)
  })

  test('of megabytes says how many are stored', async ({ house }) => {
    expect(await ask(house, 'excerpt', { value: JSON.stringify('x'.repeat(2_000_000)) })).toMatch(
      /^\(not shown: \d+ bytes/,
    )
  })
})
