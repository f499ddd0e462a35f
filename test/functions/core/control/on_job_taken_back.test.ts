import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { until } from '../../../support/until.ts'

const run = randomUUID()

async function begun(house: House) {
  const queue = await house.queue({ workers: 1 })
  const job = await house.job(queue)
  const [entry] = await house.take(run, queue)
  return { queue, job, token: entry!.current_job.id }
}

describe('a job in progress that is taken back by hand', () => {
  test.for(['held', 'cancelled', 'success', 'failed'])(
    'as %s loses its token, and its worker is free',
    async (status, { house }) => {
      const { queue, job, token } = await begun(house)

      await house.update('job', job, { status })

      expect(await house.currentJobs(queue)).toEqual([])
      expect(await house.freeWorkers(queue)).toBe(1)
      expect((await house.report(run, queue, [token])).stale).toEqual([token])
      expect(await house.jobRow(job)).toMatchObject({ status, attempts: 1, error: null })
    },
  )

  test('as pending begins anew with another token', async ({ house }) => {
    const { queue, job, token } = await begun(house)

    await house.update('job', job, { status: 'pending' })
    const [second] = await house.take(run, queue)

    expect(second!.job).toMatchObject({ id: job, attempts: 2 })
    expect(second!.current_job.id).not.toBe(token)
    expect((await house.report(run, queue, [token])).stale).toEqual([token])
    expect((await house.jobRow(job)).status).toBe('in_progress')
  })

  test('gives its worker to the next job', async ({ house }) => {
    const { queue, job } = await begun(house)
    const next = await house.job(queue)
    await house.age('heartbeat', queue)

    await house.update('job', job, { status: 'cancelled' })

    expect(await house.inProgress(queue)).toEqual([next])
  })

  test('while its worker is being deleted waits for that, and not that for it', async ({ house, another }) => {
    const { queue, job } = await begun(house)
    const { worker } = await house.currentJob(job)
    const [first, second] = [await another(), await another()]
    await first.begin()
    await first.hold('worker', worker)

    const cancelled = second.update('job', job, { status: 'cancelled' })
    await until(() => house.isBlocked(second))
    await first.impatient()
    await first.delete('worker', worker)
    await first.commit()
    await cancelled

    expect(await house.jobRow(job)).toMatchObject({ status: 'cancelled' })
    expect(await house.currentJobs(queue)).toEqual([])
  })
})

test('a report and a sweep spare themselves the triggers for what is done by hand', async ({ another }) => {
  const house = await another('admin')
  await house.db.query(`set track_functions = 'all'`)
  const calls = async (trigger: string): Promise<number> =>
    (await house.db.query(
      `select coalesce(pg_stat_get_xact_function_calls($1::regprocedure), 0) as calls`,
      [`supaqueue_internal.${trigger}()`],
    )).rows[0].calls
  const [reported, lost, cancelled] = [await begun(house), await begun(house), await begun(house)]
  await house.age('current_job', lost.queue)

  await house.begin()
  await house.report(run, reported.queue, [reported.token])
  await house.sweep()
  const spared = [await calls('on_job_taken_back'), await calls('on_current_job_deleted')]
  await house.update('job', cancelled.job, { status: 'cancelled' })
  const needed = [await calls('on_job_taken_back'), await calls('on_current_job_deleted')]
  await house.rollback()

  expect({ spared, needed }).toEqual({ spared: [0, 0], needed: [1, 1] })
})
