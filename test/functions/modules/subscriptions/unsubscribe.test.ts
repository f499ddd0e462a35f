import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const patternsOf = async (harness: Harness, queue: string) =>
  (await harness.db.query('select pattern from supaqueue.subscription where queue = $1 order by pattern', [queue])).rows
    .map(({ pattern }) => pattern)

describe('unsubscribe', () => {
  test('takes one pattern of a queue away, or all', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]
    for (const pattern of ['a', 'b', 'c']) await ask(harness, 'subscribe', { pattern, queue })
    await ask(harness, 'subscribe', { pattern: 'a', queue: other })

    expect(await ask(harness, 'unsubscribe', { pattern: 'b', queue })).toBe(1)
    expect(await ask(harness, 'unsubscribe', { pattern: 'b', queue })).toBe(0)
    expect(await patternsOf(harness, queue)).toEqual(['a', 'c'])
    expect(await ask(harness, 'unsubscribe', { pattern: null, queue })).toBe(2)
    expect(await patternsOf(harness, other)).toEqual(['a'])
  })

  test('of a queue that is not there is SQ404', async ({ harness }) => {
    expect(await refusal(ask(harness, 'unsubscribe', { pattern: 'a', queue: randomUUID() }))).toMatchObject({
      code: 'SQ404',
    })
  })
})
