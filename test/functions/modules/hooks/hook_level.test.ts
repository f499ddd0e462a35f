import { expect } from 'vitest'
import { test } from '../../../support/house.ts'

test.for(
  [
    ['{"a": 1}', '{}', 100, 0],
    ['{"a": "0123456789"}', '{}', 10, 1],
    ['{"a": 1e131071}', '{}', 1000000, 1],
    [null, '{}', 10, 1],
    [null, '{"a": "0123456789"}', 10, 2],
    ['{"a": 1e131071}', '{"a": 1e131071}', 1000000, 2],
  ] as const,
)('of %s, or %s, a queue that takes %i bytes gets level %i', async ([body, lesser, most, level], { house }) => {
  const { rows } = await house.db.query('select supaqueue_internal.hook_level($1, $2, $3) as level', [
    body,
    lesser,
    most,
  ])

  expect(rows).toEqual([{ level }])
})
