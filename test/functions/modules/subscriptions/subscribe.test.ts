import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

const patternsOf = async (house: House, queue: string) =>
  (await house.db.query('select pattern from supaqueue.subscription where queue = $1 order by pattern', [queue])).rows
    .map(({ pattern }) => pattern)

describe('subscribe', () => {
  test.for([
    null,
    '',
    '***',
    '**.a',
    'a.**.b',
    'a*',
    'a..b',
    'a b',
    'a.b.c.d.e.f.g.h.i',
    'a.b.c.d.e.f.g.h.**',
    'x'.repeat(201),
  ])(
    'to %j is refused',
    async (pattern, { house }) => {
      const queue = await house.queue()
      expect(await refusal(ask(house, 'subscribe', { pattern, queue }))).toMatchObject({
        code: 'SQ422',
        hint: expect.stringContaining('order.*'),
      })
    },
  )

  test('takes no filter but an object, and no queue that is not there', async ({ house }) => {
    const queue = await house.queue()
    expect(await refusal(house.db.query(`select supaqueue.subscribe('a', $1, '[1]')`, [queue]))).toMatchObject({
      code: 'SQ422',
    })
    expect(await refusal(ask(house, 'subscribe', { pattern: 'a', queue: 'nobody' }))).toMatchObject({ code: 'SQ404' })
  })

  test('goes with its queue', async ({ house }) => {
    const queue = await house.queue()
    await ask(house, 'subscribe', { pattern: 'a', queue })
    await ask(house, 'delete_queue', { queue })
    expect(await patternsOf(house, queue)).toEqual([])
  })
})
