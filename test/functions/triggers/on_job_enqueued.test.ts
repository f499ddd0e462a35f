import { describe, expect } from 'vitest'
import { test } from '../../support/house.ts'

describe('a job that is inserted', () => {
  test('by the insert that people know begins without anybody’s help', async ({ house }) => {
    await house.db.query(`insert into supaqueue.queue (edge_function_name) values ('enqueued')`)
    const { rows: [queue] } = await house.db.query(`select id from supaqueue.queue where name = 'enqueued'`)
    await house.db.query('insert into supaqueue.worker (queue) values ($1)', [queue.id])

    await house.db.query(`insert into supaqueue.job (queue, payload) values ($1, '{"arg1":"val"}')`, [queue.id])

    expect(await house.inProgress(queue.id)).toHaveLength(1)
    expect(await house.ticks(queue.id)).toBe(1)
  })

  test('rings its queue and no other', async ({ house }) => {
    const [queue, other] = [await house.queue({ workers: 1 }), await house.queue({ workers: 1 })]

    await house.job(queue)

    expect((await house.pulse(queue)).awake).toBe(true)
    expect((await house.pulse(other)).awake).toBe(false)
  })

  test('into a queue that does not exist is refused', async ({ house }) => {
    await expect(house.job('00000000-0000-0000-0000-000000000000')).rejects.toThrow('job_belongs_to_a_queue')
  })
})
