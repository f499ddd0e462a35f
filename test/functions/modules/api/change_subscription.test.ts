import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('change_subscription', () => {
  test('subscribes a queue, says the filter anew, and ends one or all', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]
    const change = (wanted: object, ends = false) => ask(harness, 'change_subscription', { queue, wanted, ends })
    await ask(harness, 'change_subscription', { queue: other, wanted: { pattern: 'order.*' } })

    expect(await change({ pattern: 'order.*', filter: { country: 'de' } })).toEqual({
      subscriptions: [{ pattern: 'order.*', filter: { country: 'de' } }],
    })
    await change({ pattern: 'order.*', filter: null })
    await change({ pattern: 'b' })
    expect(await change({ pattern: 'a' })).toEqual({
      subscriptions: ['a', 'b', 'order.*'].map((pattern) => ({ pattern, filter: null })),
    })
    expect(await change({ pattern: 'a' }, true)).toEqual({
      subscriptions: ['b', 'order.*'].map((pattern) => ({ pattern, filter: null })),
    })
    expect(await change({ pattern: null }, true)).toEqual({ subscriptions: [] })
    expect((await ask(harness, 'list_subscriptions', { queue: other })).subscriptions).toHaveLength(1)
  })

  test('refuses what is no pattern, and a queue that is not there', async ({ harness }) => {
    const queue = await harness.queue()
    const code = async (of: Record<string, unknown>) => (await refusal(ask(harness, 'change_subscription', of))).code

    expect(await code({ queue, wanted: { pattern: 'a..b' } })).toBe('SQ422')
    expect(await code({ queue, wanted: { pattern: 'a', filter: [1] } })).toBe('SQ422')
    expect(await code({ queue: randomUUID(), wanted: { pattern: 'a' } })).toBe('SQ404')
    expect(await code({ queue: randomUUID(), wanted: { pattern: 'a' }, ends: true })).toBe('SQ404')
  })
})
