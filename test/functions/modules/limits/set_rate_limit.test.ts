import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

describe('set_rate_limit', () => {
  test('makes a limit that several queues share, and changes it', async ({ house }) => {
    const run = randomUUID()
    await house.db.query(`select supaqueue.set_rate_limit('openai', 0.01, 3)`)
    const queues = [
      await house.queue({ workers: 5, rate_limit: 'openai' }),
      await house.queue({ workers: 5, rate_limit: 'openai' }),
    ]
    for (const queue of queues) {
      await house.turn(run, queue)
      await house.jobs(queue, 5)
    }

    const taken = [await house.take(run, queues[0]!, 2), await house.take(run, queues[1]!, 5)]
    await house.db.query(`select supaqueue.set_rate_limit('openai', 1000, 10)`)
    await house.db.query(`update supaqueue.rate_limit set free_at = '-infinity' where name = 'openai'`)
    const more = await house.take(run, queues[1]!, 5)

    expect(taken.map((jobs) => jobs.length)).toEqual([2, 1])
    expect(more).toHaveLength(4)
  })

  test.for([['', 1, 1], ['a', 0, 1], ['a', -1, 1], ['a', 1e6, 1], ['a', 1, 0], ['a', null, 1], [null, 1, 1]] as const)(
    '%j, %j, %j is refused with what to do',
    async (values, { house }) => {
      expect(await refusal(house.db.query('select supaqueue.set_rate_limit($1, $2, $3)', [...values])))
        .toMatchObject({ code: 'SQ422', hint: expect.stringContaining('0.2') })
    },
  )
})
