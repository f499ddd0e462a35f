import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { bombs } from '../../../support/bombs.ts'
import { test } from '../../../support/house.ts'

describe('shown', () => {
  test('is the value itself', async ({ house }) => {
    expect(await ask(house, 'shown', { value: { n: [1, null] } })).toEqual({ n: [1, null] })
  })

  test.for(bombs)('stands in the place of %s', async ([, json], { house }) => {
    const { rows: [{ shown }] } = await house.db.query('select supaqueue_internal.shown($1::jsonb)', [json])

    expect(shown).toEqual({ not_shown: expect.any(String) })
  })
})
