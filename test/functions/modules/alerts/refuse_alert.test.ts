import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'
import { rule } from './alerts.ts'

test('what is no rule is named, with those that are', async ({ house }) => {
  const told = await house.queue()
  await rule(house, `it's late`, 'failed_more_than', 5, told)

  for (const call of [`enable_alert('no such')`, `enable_alert('no such', false)`, `delete_alert('no such')`]) {
    expect(await refusal(house.db.query(`select supaqueue.${call}`))).toMatchObject({
      code: 'SQ404',
      message: `there is no alert rule 'no such'`,
      hint: expect.stringContaining(`'it''s late'`),
    })
  }
  expect(await refusal(house.db.query('select supaqueue.delete_alert(null)'))).toMatchObject({ code: 'SQ404' })
  expect(await refusal(house.db.query(`select supaqueue.enable_alert('it''s late', null)`)))
    .toMatchObject({ code: 'SQ422' })
})
