import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [
    [{ record: { id: 1, a: 2, b: null }, old_record: { id: 1, a: 1, b: null } }, { a: 1 }],
    [{ record: { id: 1 }, old_record: { id: 1 } }, {}],
    [{ record: { id: 1 }, old_record: null }, null],
    [{ record: null, old_record: { id: 1 } }, { id: 1 }],
  ] as const,
)('hook_changes leaves of %j the old %j', async ([body, old_record], { harness }) => {
  const { rows } = await harness.db.query('select supaqueue_internal.hook_changes($1) as body', [JSON.stringify(body)])

  expect(rows).toEqual([{ body: { ...body, old_record } }])
})
