import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { rule } from './alerts.ts'

test('makes a rule, and says one of the same name anew', async ({ harness }) => {
  const [told, other] = [await harness.queue(), await harness.queue({ name: 'other one' })]
  const id = await rule(harness, 'twice', 'failed_more_than', 5, told)
  await harness.db.query('update supaqueue.alert_rule set enabled = false where id = $1', [id])

  expect(await rule(harness, 'twice', 'backlog_older_than', 60, 'other one', { clear_below: 30 })).toBe(id)

  const { rows } = await harness.db.query(
    'select kind, threshold, clear_below, notify, enabled from supaqueue.alert_rule where id = $1',
    [id],
  )
  expect(rows).toEqual([{ kind: 'backlog_older_than', threshold: 60, clear_below: 30, notify: other, enabled: true }])
})

test('refuses what is not valid, with what can be', async ({ harness }) => {
  const told = await harness.queue()

  for (
    const wrong of [
      rule(harness, 'kind', 'weather', 5, told),
      rule(harness, 'below 0', 'failed_more_than', -1, told),
      rule(harness, 'NaN', 'failed_more_than', NaN, told),
      rule(harness, 'upside down', 'failed_more_than', 5, told, { clear_below: 6 }),
      rule(harness, 'for ever', 'failed_more_than', 5, told, { raise_after: '2 days' }),
    ]
  ) expect(await refusal(wrong)).toMatchObject({ code: 'SQ422', hint: expect.stringContaining('backlog_older_than') })
  expect(await refusal(rule(harness, 'nobody', 'failed_more_than', 5, 'no such queue'))).toMatchObject({
    code: 'SQ404',
  })
})
