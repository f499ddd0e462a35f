import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('nulls of a new rule take the defaults of their columns', async ({ harness }) => {
  const told = await harness.queue()
  await harness.db.query(
    `insert into supaqueue.alert_rule (id, created_at, name, kind, threshold, raise_after, clear_after, notify, enabled)
     values (null, null, 'by hand', 'failed_more_than', 5, null, null, $1, null)`,
    [told],
  )

  const { rows } = await harness.db.query(
    `select raise_after::text, clear_after::text, enabled from supaqueue.alert_rule where name = 'by hand'`,
  )
  expect(rows).toEqual([{ raise_after: '00:01:00', clear_after: '00:05:00', enabled: true }])
})
