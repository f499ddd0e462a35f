import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'

const fix = async (harness: Harness): Promise<number> =>
  (await harness.db.query('select supaqueue_internal.fix_pairs() as fixed')).rows[0].fixed

/** A queue whose jobs run, and a superuser to whom no trigger applies. */
async function running(database: { connect(role?: 'admin'): Promise<Harness['db']> }, count = 1) {
  const harness = harnessOf(await database.connect())
  const admin = harnessOf(await database.connect('admin'))
  const queue = await harness.queue({ workers: count })
  const jobs = await harness.jobs(queue, count)
  const run = randomUUID()
  const tokens = (await harness.take(run, queue)).map(({ current_job }) => current_job.id)
  return {
    harness,
    queue,
    jobs,
    run,
    tokens,
    async behindItsBack(sql: string, values: unknown[] = []) {
      await admin.db.query('set session_replication_role = replica')
      await admin.db.query(sql, values)
      await admin.db.query('reset session_replication_role')
    },
    admin,
  }
}

describe('fix_pairs', () => {
  test('frees workers whose jobs were truncated', async ({ ownDatabase }) => {
    const { harness, admin, queue } = await running(ownDatabase, 3)
    await admin.db.query('truncate supaqueue.job cascade')

    expect(await fix(harness)).toBe(3)

    expect(await harness.freeWorkers(queue)).toBe(3)
    expect(await fix(harness)).toBe(0)
  })

  test('brings a job in progress that nobody has back, as an attempt of unknown outcome', async ({ ownDatabase }) => {
    const { harness, jobs, queue, behindItsBack } = await running(ownDatabase)
    await behindItsBack('delete from supaqueue.current_job')

    await harness.sweep()

    expect(await harness.jobRow(jobs[0]!)).toMatchObject({
      status: 'pending',
      attempts: 1,
      error: 'its current job was gone',
    })
    expect(await harness.freeWorkers(queue)).toBe(1)
    expect((await harness.db.query('select from supaqueue.trouble')).rows).toEqual([])
  })

  test.for(['success', 'held', 'pending'])(
    'lets go of a job that was set to %s behind its back',
    async (status, { ownDatabase }) => {
      const { harness, jobs, queue, tokens, run, behindItsBack } = await running(ownDatabase)
      await behindItsBack('update supaqueue.job set status = $1', [status])

      expect(await fix(harness)).toBeGreaterThan(0)

      expect((await harness.jobRow(jobs[0]!)).status).toBe(status)
      expect(await harness.currentJobs(queue)).toEqual([])
      expect(await harness.freeWorkers(queue)).toBe(1)
      expect((await harness.report(run, queue, tokens)).stale).toEqual(tokens)
    },
  )

  test('of a current job without its job nothing stays, and one without its worker ends all the same', async ({ ownDatabase }) => {
    const { harness, jobs, queue, run, behindItsBack } = await running(ownDatabase, 2)
    const [first, second] = await harness.currentJobs(queue)
    await behindItsBack('delete from supaqueue.job where id = $1', [first.job])
    await behindItsBack('delete from supaqueue.worker where id = $1', [second.worker])

    await fix(harness)

    expect(await harness.currentJobs(queue)).toMatchObject([{ job: jobs[1], worker: null }])
    expect(await harness.freeWorkers(queue)).toBe(1)
    await harness.report(run, queue, [second.id])
    expect((await harness.jobRow(jobs[1]!)).status).toBe('success')
  })

  test('locks a worker again that has a job, so that it is given no second one', async ({ ownDatabase }) => {
    const { harness, queue, jobs, behindItsBack } = await running(ownDatabase)
    await behindItsBack('update supaqueue.worker set locked = false')

    expect(await fix(harness)).toBe(1)

    expect(await harness.freeWorkers(queue)).toBe(0)
    expect(await harness.inProgress(queue)).toEqual(jobs)
  })

  test('follows a job to another queue, and gives its worker back to its own', async ({ ownDatabase }) => {
    const { harness, queue, jobs, behindItsBack } = await running(ownDatabase)
    const other = await harness.queue({ workers: 1 })
    await behindItsBack('update supaqueue.job set queue = $1', [other])

    await fix(harness)

    expect(await harness.currentJob(jobs[0]!)).toMatchObject({ queue: other, worker: null })
    expect([await harness.freeWorkers(queue), await harness.freeWorkers(other)]).toEqual([1, 1])
  })

  test('leaves what is as it should be, and what somebody holds', async ({ ownDatabase }) => {
    const { harness, queue, behindItsBack } = await running(ownDatabase, 2)
    expect(await fix(harness)).toBe(0)
    const [held] = await harness.currentJobs(queue)
    await behindItsBack('update supaqueue.worker set locked = false where id = $1', [held.worker])
    const user = harnessOf(await ownDatabase.connect())
    await user.begin()
    await user.hold('current_job', held.id)
    await harness.impatient()

    expect(await fix(harness)).toBe(0)
    await user.rollback()
  })
})
