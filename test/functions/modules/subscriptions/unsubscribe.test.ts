import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

const patternsOf = async (house: House, queue: string) =>
  (await house.db.query('select pattern from supaqueue.subscription where queue = $1 order by pattern', [queue])).rows
    .map(({ pattern }) => pattern)

describe('unsubscribe', () => {
  test('takes one pattern of a queue away, or all', async ({ house }) => {
    const [queue, other] = [await house.queue(), await house.queue()]
    for (const pattern of ['a', 'b', 'c']) await ask(house, 'subscribe', { pattern, queue })
    await ask(house, 'subscribe', { pattern: 'a', queue: other })

    expect(await ask(house, 'unsubscribe', { pattern: 'b', queue })).toBe(1)
    expect(await ask(house, 'unsubscribe', { pattern: 'b', queue })).toBe(0)
    expect(await patternsOf(house, queue)).toEqual(['a', 'c'])
    expect(await ask(house, 'unsubscribe', { pattern: null, queue })).toBe(2)
    expect(await patternsOf(house, other)).toEqual(['a'])
  })

  test('of a queue that is not there is SQ404', async ({ house }) => {
    expect(await refusal(ask(house, 'unsubscribe', { pattern: 'a', queue: randomUUID() }))).toMatchObject({
      code: 'SQ404',
    })
  })
})
