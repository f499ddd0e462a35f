import { expect } from 'vitest'
import { test } from '../../../support/house.ts'

test('nulls of a new rule take the defaults of their columns', async ({ house }) => {
  const told = await house.queue()
  await house.db.query(
    `insert into supaqueue.alert_rule (id, created_at, name, kind, threshold, raise_after, clear_after, notify, enabled)
     values (null, null, 'by hand', 'failed_more_than', 5, null, null, $1, null)`,
    [told],
  )

  const { rows } = await house.db.query(
    `select raise_after::text, clear_after::text, enabled from supaqueue.alert_rule where name = 'by hand'`,
  )
  expect(rows).toEqual([{ raise_after: '00:01:00', clear_after: '00:05:00', enabled: true }])
})
