import { expect } from 'vitest'
import { test } from '../../../support/own.ts'

test('kept_rows are those of the table that are not to be tried again yet', async ({ harness }) => {
  await harness.db.query(`
    insert into supaqueue.trouble (kind, subject, code, reason, next_try_at) values
      ('rows', 'supaqueue.history (0,1)', '23503', 'mine', now() + interval '1 minute'),
      ('rows', 'supaqueue.history (7,2)', '23503', 'mine', now() - interval '1 minute'),
      ('rows', 'supaqueue.audit (0,3)', '23503', 'mine', now() + interval '1 minute'),
      ('prune', '17', '23503', 'mine', now() + interval '1 minute')`)

  const { rows } = await harness.db.query(`select supaqueue_internal.kept_rows('supaqueue.history')::text as kept`)

  expect(rows).toEqual([{ kept: '{"(0,1)"}' }])
})
