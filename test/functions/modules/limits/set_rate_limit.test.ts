import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('set_rate_limit', () => {
  test('makes a limit that several queues share, and changes it', async ({ harness }) => {
    const run = randomUUID()
    await harness.db.query(`select supaqueue.set_rate_limit('openai', 0.01, 3)`)
    const queues = [
      await harness.queue({ workers: 5, rate_limit: 'openai' }),
      await harness.queue({ workers: 5, rate_limit: 'openai' }),
    ]
    for (const queue of queues) {
      await harness.turn(run, queue)
      await harness.jobs(queue, 5)
    }

    const taken = [await harness.take(run, queues[0]!, 2), await harness.take(run, queues[1]!, 5)]
    await harness.db.query(`select supaqueue.set_rate_limit('openai', 1000, 10)`)
    await harness.db.query(`update supaqueue.rate_limit set free_at = '-infinity' where name = 'openai'`)
    const more = await harness.take(run, queues[1]!, 5)

    expect(taken.map((jobs) => jobs.length)).toEqual([2, 1])
    expect(more).toHaveLength(4)
  })

  test.for([['', 1, 1], ['a', 0, 1], ['a', -1, 1], ['a', 1e6, 1], ['a', 1, 0], ['a', null, 1], [null, 1, 1]] as const)(
    '%j, %j, %j is refused with what to do',
    async (values, { harness }) => {
      expect(await refusal(harness.db.query('select supaqueue.set_rate_limit($1, $2, $3)', [...values])))
        .toMatchObject({ code: 'SQ422', hint: expect.stringContaining('0.2') })
    },
  )
})
