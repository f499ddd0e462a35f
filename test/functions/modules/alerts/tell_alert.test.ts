import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { messages, rule } from './alerts.ts'

test('a message has a sentence for people and the rest for programs, percent signs and all', async ({ harness }) => {
  const told = await harness.queue()
  const id = await rule(harness, '100 % sure', 'failed_more_than', 5, told)

  await harness.db.query(
    `select supaqueue_internal.tell_alert(rule, state, 'a %s queue', '7 %I failed', 7, '2026-11-28')
     from supaqueue.alert_rule as rule cross join unnest('{firing,resolved}'::text[]) as state where rule.id = $1`,
    [id],
  )

  expect(await messages(harness, told)).toMatchObject([
    { text: '100 % sure: 7 %I failed', state: 'firing', subject: 'a %s queue', value: 7 },
    { text: '100 % sure is over for a %s queue. It was: 7 %I failed', state: 'resolved' },
  ])
})
