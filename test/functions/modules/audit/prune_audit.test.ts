import { expect } from 'vitest'
import type { Harness } from '../../../support/harness.ts'
import { test } from '../../../support/own.ts'
import type { TestDatabase } from '../../../support/database.ts'

const age = async (database: TestDatabase, days: number) =>
  (await database.connect('owner')).query(`update supaqueue.audit set at = now() - $1 * interval '1 day'`, [days])
const count = async (harness: Harness) => (await harness.db.query('select from supaqueue.audit')).rowCount

test('what was done is forgotten after 90 days, by the sweep', async ({ database, harness }) => {
  await harness.queue()
  await age(database, 89)
  await harness.sweep()
  expect(await count(harness)).toBeGreaterThan(0)

  await age(database, 91)
  await harness.sweep()
  expect(await count(harness)).toBe(0)
})

test('or as many as the setting says', async ({ database, harness }) => {
  await harness.setting('audit_days', '7')
  await age(database, 8)
  await harness.sweep()

  expect(await count(harness)).toBe(0)
})
