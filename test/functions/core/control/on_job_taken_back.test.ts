import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { until } from '../../../support/until.ts'

const run = randomUUID()

async function begun(harness: Harness) {
  const queue = await harness.queue({ workers: 1 })
  const job = await harness.job(queue)
  const [entry] = await harness.take(run, queue)
  return { queue, job, token: entry!.current_job.id }
}

describe('a job in progress that is taken back by hand', () => {
  test.for(['held', 'cancelled', 'success', 'failed'])(
    'as %s loses its token, and its worker is free',
    async (status, { harness }) => {
      const { queue, job, token } = await begun(harness)

      await harness.update('job', job, { status })

      expect(await harness.currentJobs(queue)).toEqual([])
      expect(await harness.freeWorkers(queue)).toBe(1)
      expect((await harness.report(run, queue, [token])).stale).toEqual([token])
      expect(await harness.jobRow(job)).toMatchObject({ status, attempts: 1, error: null })
    },
  )

  test('as pending begins anew with another token', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)

    await harness.update('job', job, { status: 'pending' })
    const [second] = await harness.take(run, queue)

    expect(second!.job).toMatchObject({ id: job, attempts: 2 })
    expect(second!.current_job.id).not.toBe(token)
    expect((await harness.report(run, queue, [token])).stale).toEqual([token])
    expect((await harness.jobRow(job)).status).toBe('in_progress')
  })

  test('gives its worker to the next job', async ({ harness }) => {
    const { queue, job } = await begun(harness)
    const next = await harness.job(queue)
    await harness.age('heartbeat', queue)

    await harness.update('job', job, { status: 'cancelled' })

    expect(await harness.inProgress(queue)).toEqual([next])
  })

  test('while its worker is being deleted waits for that, and not that for it', async ({ harness, another }) => {
    const { queue, job } = await begun(harness)
    const { worker } = await harness.currentJob(job)
    const [first, second] = [await another(), await another()]
    await first.begin()
    await first.hold('worker', worker)

    const cancelled = second.update('job', job, { status: 'cancelled' })
    await until(() => harness.isBlocked(second))
    await first.impatient()
    await first.delete('worker', worker)
    await first.commit()
    await cancelled

    expect(await harness.jobRow(job)).toMatchObject({ status: 'cancelled' })
    expect(await harness.currentJobs(queue)).toEqual([])
  })
})

test('a report and a sweep spare themselves the triggers for what is done by hand', async ({ another }) => {
  const harness = await another('admin')
  await harness.db.query(`set track_functions = 'all'`)
  const calls = async (trigger: string): Promise<number> =>
    (await harness.db.query(
      `select coalesce(pg_stat_get_xact_function_calls($1::regprocedure), 0) as calls`,
      [`supaqueue_internal.${trigger}()`],
    )).rows[0].calls
  const [reported, lost, cancelled] = [await begun(harness), await begun(harness), await begun(harness)]
  await harness.age('current_job', lost.queue)

  await harness.begin()
  await harness.report(run, reported.queue, [reported.token])
  await harness.sweep()
  const spared = [await calls('on_job_taken_back'), await calls('on_current_job_deleted')]
  await harness.update('job', cancelled.job, { status: 'cancelled' })
  const needed = [await calls('on_job_taken_back'), await calls('on_current_job_deleted')]
  await harness.rollback()

  expect({ spared, needed }).toEqual({ spared: [0, 0], needed: [1, 1] })
})
