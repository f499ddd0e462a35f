import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask, rowsOf } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { lockedBefore } from '../../../support/locked_before.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

const run = randomUUID()

describe('delete_queue', () => {
  test('takes all that the queue has along, in progress or not, and nothing else', async ({ harness }) => {
    const queue = await harness.queue({ name: `old-${randomUUID()}`, workers: 1 })
    const other = await harness.queue({ workers: 1 })
    await harness.turn(run, queue)
    await rowsOf(harness, 'enqueue_many', { queue, jobs: [{}, {}, { held: true }] })
    const kept = await harness.job(other)
    const [entry] = await harness.take(run, queue)
    const { rows: [{ name }] } = await harness.db.query('select name from supaqueue.queue where id = $1', [queue])

    await ask(harness, 'delete_queue', { queue: name })

    const { rows: [left] } = await harness.db.query(
      `select
         (select count(*) from supaqueue.queue where id = $1) as queues,
         (select count(*) from supaqueue.worker where queue = $1) as workers,
         (select count(*) from supaqueue.job where queue = $1) as jobs,
         (select count(*) from supaqueue.batch where queue = $1) as batches,
         (select count(*) from supaqueue.current_job where queue = $1) as current_jobs`,
      [queue],
    )
    expect(left).toEqual({ queues: 0, workers: 0, jobs: 0, batches: 0, current_jobs: 0 })
    expect(await harness.inProgress(other)).toEqual([kept])
    const answer = await harness.report(run, queue, [entry!.current_job.id])
    expect(answer).toMatchObject({ stale: [entry!.current_job.id], state: 'leave' })
  })

  test('waits for who has just enqueued, and holds none of the jobs meanwhile', async ({ harness, another }) => {
    const queue = await harness.queue()
    const [job] = await harness.jobs(queue, 1)
    const [user, owner] = [await another(), await another()]
    await user.begin()
    await user.jobs(queue, 1)

    const deleted = ask(owner, 'delete_queue', { queue })
    await until(() => harness.isBlocked(owner))
    await user.impatient()
    await user.update('job', job!, { priority: 1 })
    await user.commit()
    await deleted

    expect(await harness.jobRow(job!)).toBeUndefined()
  })

  test('locks jobs in the order of their ids', async ({ harness, another }) => {
    expect(await lockedBefore(harness, another, (owner, queue) => ask(owner, 'delete_queue', { queue }))).toEqual([
      true,
      false,
    ])
  })

  test('while others cancel its jobs is no deadlock', async ({ harness, another }) => {
    const [left, right] = [await another(), await another()]
    for (let round = 0; round < 10; round++) {
      const queue = await harness.queue({ workers: 20 })
      const jobs = await harness.jobs(queue, 40)
      await harness.update('job', jobs[0]!, { priority: 1 })

      const [deleted, cancelled] = await Promise.allSettled([
        ask(left, 'delete_queue', { queue }),
        ask(right, 'cancel_where', { queue }),
      ])

      expect(deleted.status).toBe('fulfilled')
      // Gone before it was looked for.
      if (cancelled.status === 'rejected') expect(cancelled.reason.code).toBe('SQ404')
    }
  })

  test('refuses a queue that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'delete_queue', { queue: randomUUID() }))).code).toBe('SQ404')
  })
})
