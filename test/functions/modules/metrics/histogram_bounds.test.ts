import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('the bounds of a histogram rise, from a millisecond to a day', async ({ harness }) => {
  const { rows: [{ bounds }] } = await harness.db.query('select supaqueue_internal.histogram_bounds() as bounds')

  expect(bounds).toEqual([...bounds].sort((one: number, other: number) => one - other))
  expect(new Set(bounds).size).toBe(bounds.length)
  expect([bounds[0], bounds.at(-1)]).toEqual([1, 86_400_000])
})
