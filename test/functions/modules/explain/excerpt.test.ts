import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { bombs } from '../../../support/bombs.ts'
import { test } from '../../../support/harness.ts'

describe('excerpt', () => {
  test('is the beginning of a value', async ({ harness }) => {
    expect(await ask(harness, 'excerpt', { value: { to: 'a@example.com' }, most: 6 })).toBe('{"to":')
  })

  test.for(bombs)('of %s says why it is not shown', async ([, json], { harness }) => {
    const { rows: [{ excerpt }] } = await harness.db.query('select supaqueue_internal.excerpt($1::jsonb)', [json])

    expect(excerpt).toMatch(/^\(not shown: it /)
  })

  test('of megabytes says how many are stored', async ({ harness }) => {
    expect(await ask(harness, 'excerpt', { value: JSON.stringify('x'.repeat(2_000_000)) })).toMatch(
      /^\(not shown: \d+ bytes/,
    )
  })
})
