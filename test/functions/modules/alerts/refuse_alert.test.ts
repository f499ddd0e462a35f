import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { rule } from './alerts.ts'

test('what is no rule is named, with those that are', async ({ harness }) => {
  const told = await harness.queue()
  await rule(harness, `it's late`, 'failed_more_than', 5, told)

  for (const call of [`enable_alert('no such')`, `enable_alert('no such', false)`, `delete_alert('no such')`]) {
    expect(await refusal(harness.db.query(`select supaqueue.${call}`))).toMatchObject({
      code: 'SQ404',
      message: `there is no alert rule 'no such'`,
      hint: expect.stringContaining(`'it''s late'`),
    })
  }
  expect(await refusal(harness.db.query('select supaqueue.delete_alert(null)'))).toMatchObject({ code: 'SQ404' })
  expect(await refusal(harness.db.query(`select supaqueue.enable_alert('it''s late', null)`)))
    .toMatchObject({ code: 'SQ422' })
})
