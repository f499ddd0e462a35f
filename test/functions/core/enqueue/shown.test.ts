import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { bombs } from '../../../support/bombs.ts'
import { test } from '../../../support/harness.ts'

describe('shown', () => {
  test('is the value itself', async ({ harness }) => {
    expect(await ask(harness, 'shown', { value: { n: [1, null] } })).toEqual({ n: [1, null] })
  })

  test.for(bombs)('stands in the place of %s', async ([, json], { harness }) => {
    const { rows: [{ shown }] } = await harness.db.query('select supaqueue_internal.shown($1::jsonb)', [json])

    expect(shown).toEqual({ not_shown: expect.any(String) })
  })
})
