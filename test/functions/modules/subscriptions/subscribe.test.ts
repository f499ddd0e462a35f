import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

const patternsOf = async (harness: Harness, queue: string) =>
  (await harness.db.query('select pattern from supaqueue.subscription where queue = $1 order by pattern', [queue])).rows
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
    async (pattern, { harness }) => {
      const queue = await harness.queue()
      expect(await refusal(ask(harness, 'subscribe', { pattern, queue }))).toMatchObject({
        code: 'SQ422',
        hint: expect.stringContaining('order.*'),
      })
    },
  )

  test('takes no filter but an object, and no queue that is not there', async ({ harness }) => {
    const queue = await harness.queue()
    expect(await refusal(harness.db.query(`select supaqueue.subscribe('a', $1, '[1]')`, [queue]))).toMatchObject({
      code: 'SQ422',
    })
    expect(await refusal(ask(harness, 'subscribe', { pattern: 'a', queue: 'nobody' }))).toMatchObject({ code: 'SQ404' })
  })

  test('goes with its queue', async ({ harness }) => {
    const queue = await harness.queue()
    await ask(harness, 'subscribe', { pattern: 'a', queue })
    await ask(harness, 'delete_queue', { queue })
    expect(await patternsOf(harness, queue)).toEqual([])
  })
})
