import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [
    ['{}', '{}', {}],
    ['{"3": 1}', '{}', { 3: 1 }],
    ['{}', '{"3": 1}', { 3: 1 }],
    ['{"3": 1, "4": 9007199254740991}', '{"4": 5, "7": 2}', { 3: 1, 4: 9007199254740991, 7: 2 }],
  ] as const,
)('%s and %s', async ([one, other, both], { harness }) => {
  const { rows } = await harness.db.query('select supaqueue_internal.add_calls($1, $2) as both', [one, other])

  expect(rows).toEqual([{ both }])
})
