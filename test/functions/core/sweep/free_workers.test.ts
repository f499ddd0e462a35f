import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'

describe('free_workers', () => {
  test('unlocks those that are named, and no other', async ({ house }) => {
    const queue = await house.queue({ workers: 3 })
    await house.jobs(queue, 3)
    await house.take(randomUUID(), queue)
    const [one, two] = await house.currentJobs(queue)
    await house.db.query('delete from supaqueue.job where id = any ($1)', [[one.job, two.job]])
    await house.db.query('update supaqueue.worker set locked = true where queue = $1', [queue])

    await house.db.query('select supaqueue_internal.free_workers($1)', [[one.worker, two.worker]])

    expect(await house.freeWorkers(queue)).toBe(2)
  })

  test('does nothing for none', async ({ house }) => {
    await house.db.query(`select supaqueue_internal.free_workers('{}')`)
    expect((await house.db.query('select count(*) from supaqueue.trouble')).rows).toEqual([{ count: 0 }])
  })
})
