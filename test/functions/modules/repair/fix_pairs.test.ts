import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, house as houseOf, test } from '../../../support/house.ts'

const fix = async (house: House): Promise<number> =>
  (await house.db.query('select supaqueue_internal.fix_pairs() as fixed')).rows[0].fixed

/** A queue whose jobs run, and a superuser to whom no trigger applies. */
async function running(database: { connect(role?: 'admin'): Promise<House['db']> }, count = 1) {
  const house = houseOf(await database.connect())
  const admin = houseOf(await database.connect('admin'))
  const queue = await house.queue({ workers: count })
  const jobs = await house.jobs(queue, count)
  const run = randomUUID()
  const tokens = (await house.take(run, queue)).map(({ current_job }) => current_job.id)
  return {
    house,
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
    const { house, admin, queue } = await running(ownDatabase, 3)
    await admin.db.query('truncate supaqueue.job cascade')

    expect(await fix(house)).toBe(3)

    expect(await house.freeWorkers(queue)).toBe(3)
    expect(await fix(house)).toBe(0)
  })

  test('brings a job in progress that nobody has back, as an attempt of unknown outcome', async ({ ownDatabase }) => {
    const { house, jobs, queue, behindItsBack } = await running(ownDatabase)
    await behindItsBack('delete from supaqueue.current_job')

    await house.sweep()

    expect(await house.jobRow(jobs[0]!)).toMatchObject({
      status: 'pending',
      attempts: 1,
      error: 'its current job was gone',
    })
    expect(await house.freeWorkers(queue)).toBe(1)
    expect((await house.db.query('select from supaqueue.trouble')).rows).toEqual([])
  })

  test.for(['success', 'held', 'pending'])(
    'lets go of a job that was set to %s behind its back',
    async (status, { ownDatabase }) => {
      const { house, jobs, queue, tokens, run, behindItsBack } = await running(ownDatabase)
      await behindItsBack('update supaqueue.job set status = $1', [status])

      expect(await fix(house)).toBeGreaterThan(0)

      expect((await house.jobRow(jobs[0]!)).status).toBe(status)
      expect(await house.currentJobs(queue)).toEqual([])
      expect(await house.freeWorkers(queue)).toBe(1)
      expect((await house.report(run, queue, tokens)).stale).toEqual(tokens)
    },
  )

  test('of a current job without its job nothing stays, and one without its worker ends all the same', async ({ ownDatabase }) => {
    const { house, jobs, queue, run, behindItsBack } = await running(ownDatabase, 2)
    const [first, second] = await house.currentJobs(queue)
    await behindItsBack('delete from supaqueue.job where id = $1', [first.job])
    await behindItsBack('delete from supaqueue.worker where id = $1', [second.worker])

    await fix(house)

    expect(await house.currentJobs(queue)).toMatchObject([{ job: jobs[1], worker: null }])
    expect(await house.freeWorkers(queue)).toBe(1)
    await house.report(run, queue, [second.id])
    expect((await house.jobRow(jobs[1]!)).status).toBe('success')
  })

  test('locks a worker again that has a job, so that it is given no second one', async ({ ownDatabase }) => {
    const { house, queue, jobs, behindItsBack } = await running(ownDatabase)
    await behindItsBack('update supaqueue.worker set locked = false')

    expect(await fix(house)).toBe(1)

    expect(await house.freeWorkers(queue)).toBe(0)
    expect(await house.inProgress(queue)).toEqual(jobs)
  })

  test('follows a job to another queue, and gives its worker back to its own', async ({ ownDatabase }) => {
    const { house, queue, jobs, behindItsBack } = await running(ownDatabase)
    const other = await house.queue({ workers: 1 })
    await behindItsBack('update supaqueue.job set queue = $1', [other])

    await fix(house)

    expect(await house.currentJob(jobs[0]!)).toMatchObject({ queue: other, worker: null })
    expect([await house.freeWorkers(queue), await house.freeWorkers(other)]).toEqual([1, 1])
  })

  test('leaves what is as it should be, and what somebody holds', async ({ ownDatabase }) => {
    const { house, queue, behindItsBack } = await running(ownDatabase, 2)
    expect(await fix(house)).toBe(0)
    const [held] = await house.currentJobs(queue)
    await behindItsBack('update supaqueue.worker set locked = false where id = $1', [held.worker])
    const user = houseOf(await ownDatabase.connect())
    await user.begin()
    await user.hold('current_job', held.id)
    await house.impatient()

    expect(await fix(house)).toBe(0)
    await user.rollback()
  })
})
