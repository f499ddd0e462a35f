import { expect } from 'vitest'
import type { House } from '../../../support/house.ts'
import { test } from '../../../support/own.ts'
import type { TestDatabase } from '../../../support/database.ts'

const age = async (database: TestDatabase, days: number) =>
  (await database.connect('owner')).query(`update supaqueue.audit set at = now() - $1 * interval '1 day'`, [days])
const count = async (house: House) => (await house.db.query('select from supaqueue.audit')).rowCount

test('what was done is forgotten after 90 days, by the sweep', async ({ database, house }) => {
  await house.queue()
  await age(database, 89)
  await house.sweep()
  expect(await count(house)).toBeGreaterThan(0)

  await age(database, 91)
  await house.sweep()
  expect(await count(house)).toBe(0)
})

test('or as many as the setting says', async ({ database, house }) => {
  await house.setting('audit_days', '7')
  await age(database, 8)
  await house.sweep()

  expect(await count(house)).toBe(0)
})
