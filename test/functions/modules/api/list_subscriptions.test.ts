import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

test('list_subscriptions lists those of a queue by pattern, and none where there are none', async ({ harness }) => {
  const queue = await harness.queue()
  expect(await ask(harness, 'list_subscriptions', { queue })).toEqual({ subscriptions: [] })
  for (const [pattern, filter] of [['b', { n: 1 }], ['a', null]]) {
    await ask(harness, 'subscribe', { pattern, queue, filter })
  }

  expect(await ask(harness, 'list_subscriptions', { queue })).toEqual({
    subscriptions: [{ pattern: 'a', filter: null }, { pattern: 'b', filter: { n: 1 } }],
  })
  expect((await refusal(ask(harness, 'list_subscriptions', { queue: randomUUID() }))).code).toBe('SQ404')
})
