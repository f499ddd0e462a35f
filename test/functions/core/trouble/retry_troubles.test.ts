import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'

const retry = 'select supaqueue_internal.retry_troubles() as fixed'

describe('retry_troubles', () => {
  test('forgets what was set aside of jobs that are gone, or that somebody has dealt with', async ({ house }) => {
    const queue = await house.queue()
    const done = await house.job(queue, { status: 'cancelled' })
    for (const [kind, job] of [['begin', 999999], ['report', 999998], ['begin', done], ['report', done]] as const) {
      await house.db.query(
        `select supaqueue_internal.put_aside($1, $2 || $1, '23503', 'no', $3, $2::text::bigint)`,
        [kind, job, queue],
      )
    }

    expect((await house.db.query(retry)).rows).toEqual([{ fixed: 0 }])

    expect((await house.db.query('select count(*) from supaqueue.trouble')).rows).toEqual([{ count: 0 }])
  })

  test('wakes the queue of a job that can be begun again', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    await house.begin()
    const job = await house.job(queue)
    await house.db.query(
      `select supaqueue_internal.put_aside('begin', $1::text, '23503', 'no', $2, $1::text::bigint)`,
      [
        job,
        queue,
      ],
    )
    await house.commit()
    expect(await house.inProgress(queue)).toEqual([])

    expect((await house.db.query(retry)).rows).toEqual([{ fixed: 1 }])

    expect(await house.inProgress(queue)).toEqual([job])
    expect((await house.jobRow(job)).attempts).toBe(1)
    expect(await house.wakeUps(queue)).toBe(1)
  })

  test('leaves a report to its run while the job still has its current job, and waits for nobody', async ({ house, another }) => {
    const queue = await house.queue({ workers: 2 })
    const [job, held] = await house.jobs(queue, 2)
    await house.take(randomUUID(), queue)
    for (const id of [job, held]) {
      await house.db.query(
        `select supaqueue_internal.put_aside('report', $1::text, '23503', 'no', $2, $1::text::bigint)`,
        [
          id,
          queue,
        ],
      )
    }
    const user = await another()
    await user.begin()
    await user.hold('job', held!)
    await house.impatient()

    expect((await house.db.query(retry)).rows).toEqual([{ fixed: 0 }])

    expect(await house.inProgress(queue)).toEqual([job, held])
    await user.rollback()
  })
})
