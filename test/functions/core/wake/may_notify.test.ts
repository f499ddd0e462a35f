import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('a commit may carry a NOTIFY where nothing is prepared for two phases, and the queue of notifications has room', async ({ harness }) => {
  const { rows: [row] } = await harness.db.query(
    `select supaqueue_internal.may_notify() as may, current_setting('max_prepared_transactions') as prepared`,
  )

  expect(row).toEqual({ may: row.prepared === '0', prepared: row.prepared })
})
