import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

const retry = 'select supaqueue_internal.retry_troubles() as fixed'

describe('retry_troubles', () => {
  test('forgets what was set aside of jobs that are gone, or that somebody has dealt with', async ({ harness }) => {
    const queue = await harness.queue()
    const done = await harness.job(queue, { status: 'cancelled' })
    for (const [kind, job] of [['begin', 999999], ['report', 999998], ['begin', done], ['report', done]] as const) {
      await harness.db.query(
        `select supaqueue_internal.put_aside($1, $2 || $1, '23503', 'no', $3, $2::text::bigint)`,
        [kind, job, queue],
      )
    }

    expect((await harness.db.query(retry)).rows).toEqual([{ fixed: 0 }])

    expect((await harness.db.query('select count(*) from supaqueue.trouble')).rows).toEqual([{ count: 0 }])
  })

  test('wakes the queue of a job that can be begun again', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.begin()
    const job = await harness.job(queue)
    await harness.db.query(
      `select supaqueue_internal.put_aside('begin', $1::text, '23503', 'no', $2, $1::text::bigint)`,
      [
        job,
        queue,
      ],
    )
    await harness.commit()
    expect(await harness.inProgress(queue)).toEqual([])

    expect((await harness.db.query(retry)).rows).toEqual([{ fixed: 1 }])

    expect(await harness.inProgress(queue)).toEqual([job])
    expect((await harness.jobRow(job)).attempts).toBe(1)
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('leaves a report to its run while the job still has its current job, and waits for nobody', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 2 })
    const [job, held] = await harness.jobs(queue, 2)
    await harness.take(randomUUID(), queue)
    for (const id of [job, held]) {
      await harness.db.query(
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
    await harness.impatient()

    expect((await harness.db.query(retry)).rows).toEqual([{ fixed: 0 }])

    expect(await harness.inProgress(queue)).toEqual([job, held])
    await user.rollback()
  })
})
