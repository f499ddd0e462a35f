import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [
    [`row(1, 'a', '{"a": 1}'::json)`, true],
    [`row(1, '"\\u0000"'::json)`, false],
    [`row('"\\ud800"'::json)`, false],
    [`row('1e400000'::json)`, false],
    [`row(row(array['"\\u0000"'::json]))`, false],
    [`row()`, true],
    [`null::record`, true],
  ] as const,
)('hook_writes says of %s %s', async ([row, said], { another }) => {
  const owner = await another('owner')
  expect((await owner.db.query(`select supaqueue_internal.hook_writes(${row}) as said`)).rows).toEqual([{ said }])
})
