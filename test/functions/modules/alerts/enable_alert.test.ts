import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { rule } from './alerts.ts'

test('a rule is switched off, and on again', async ({ harness }) => {
  const id = await rule(harness, 'switched', 'failed_more_than', 5, await harness.queue())
  const enabled = async () =>
    (await harness.db.query('select enabled from supaqueue.alert_rule where id = $1', [id])).rows[0].enabled

  await harness.db.query(`select supaqueue.enable_alert('switched', false)`)
  expect(await enabled()).toBe(false)

  const { rows } = await harness.db.query(`select supaqueue.enable_alert('switched') as id`)
  expect(rows).toEqual([{ id }])
  expect(await enabled()).toBe(true)
})
