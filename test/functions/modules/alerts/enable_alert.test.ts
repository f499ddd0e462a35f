import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { rule } from './alerts.ts'

test('a rule is switched off, and on again', async ({ house }) => {
  const id = await rule(house, 'switched', 'failed_more_than', 5, await house.queue())
  const enabled = async () =>
    (await house.db.query('select enabled from supaqueue.alert_rule where id = $1', [id])).rows[0].enabled

  await house.db.query(`select supaqueue.enable_alert('switched', false)`)
  expect(await enabled()).toBe(false)

  const { rows } = await house.db.query(`select supaqueue.enable_alert('switched') as id`)
  expect(rows).toEqual([{ id }])
  expect(await enabled()).toBe(true)
})
