import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('free_workers', () => {
  test('unlocks those that are named, and no other', async ({ harness }) => {
    const queue = await harness.queue({ workers: 3 })
    await harness.jobs(queue, 3)
    await harness.take(randomUUID(), queue)
    const [one, two] = await harness.currentJobs(queue)
    await harness.db.query('delete from supaqueue.job where id = any ($1)', [[one.job, two.job]])
    await harness.db.query('update supaqueue.worker set locked = true where queue = $1', [queue])

    await harness.db.query('select supaqueue_internal.free_workers($1)', [[one.worker, two.worker]])

    expect(await harness.freeWorkers(queue)).toBe(2)
  })

  test('does nothing for none', async ({ harness }) => {
    await harness.db.query(`select supaqueue_internal.free_workers('{}')`)
    expect((await harness.db.query('select count(*) from supaqueue.trouble')).rows).toEqual([{ count: 0 }])
  })
})
