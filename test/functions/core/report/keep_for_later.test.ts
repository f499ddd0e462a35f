import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const run = randomUUID()

/** A job that a run has begun. */
async function begun(
  house: House,
  settings: Parameters<House['queue']>[0] = {},
  own: Parameters<House['job']>[1] = {},
) {
  const queue = await house.queue({ workers: 1, ...settings })
  await house.turn(run, queue)
  const job = await house.job(queue, own)
  const [entry] = await house.take(run, queue)
  return { queue, job, token: entry!.current_job.id }
}

/** One whose function has answered that it will report later. */
async function kept(house: House, settings: Parameters<House['queue']>[0] = {}) {
  const situation = await begun(house, settings)
  await house.report(run, situation.queue, [situation.token], 'later')
  return situation
}

/** For how long the lease of a job lasts from now on, in milliseconds. */
const leaseOf = async (house: House, job: number): Promise<number> =>
  (await house.db.query(
    `select extract(epoch from lease_until - clock_timestamp())::float8 * 1000 as ms
     from supaqueue.current_job where job = $1`,
    [job],
  )).rows[0].ms

describe('a job whose function will report later', () => {
  test('keeps its worker, its token and its attempt', async ({ house }) => {
    const { queue, job, token } = await begun(house)

    const answer = await house.report(run, queue, [token], 'later')

    expect(answer).toMatchObject({ again: [], stale: [], jobs: [] })
    expect(await house.jobRow(job)).toMatchObject({ status: 'in_progress', attempts: 1 })
    expect(await house.currentJob(job)).toMatchObject({ id: token, is_complete: false })
    expect(await house.freeWorkers(queue)).toBe(0)
    expect(await house.attempts(job)).toEqual([])
  })

  test.for(
    [
      ['as long as it asked for', { lease_ms: 3_600_000 }, {}, 3_600_000],
      ['a day at most', { lease_ms: 1e12 }, {}, 86_400_000],
      ['ten seconds longer than the timeout of the queue', {}, {}, 310_000],
      ['ten seconds longer than the timeout of its own', {}, { timeout_ms: 350_000 }, 360_000],
    ] as const,
  )('has a lease of %s', async ([, more, own, lease], { house }) => {
    const { queue, job, token } = await begun(house, { timeout_ms: 300_000 }, own)
    await house.db.query(`update supaqueue.current_job set lease_until = clock_timestamp() where id = $1`, [token])

    await house.report(run, queue, [token], 'later', more)

    expect(await leaseOf(house, job)).toBeLessThanOrEqual(lease)
    expect(await leaseOf(house, job)).toBeGreaterThan(lease - 9_000)
  })

  test('keeps the lease that it has extended already', async ({ house }) => {
    const { queue, job, token } = await begun(house)
    await house.extend(token, 3_600_000)

    await house.report(run, queue, [token], 'later', { lease_ms: 1000 })

    expect(await leaseOf(house, job)).toBeGreaterThan(3_500_000)
  })

  test('is given to no other run', async ({ house }) => {
    const { queue, job, token } = await kept(house)

    expect(await house.take(randomUUID(), queue)).toEqual([])

    expect((await house.currentJob(job)).id).toBe(token)
  })

  test('is not given again to the run that lost an answer', async ({ house }) => {
    const { queue } = await kept(house)

    expect((await house.turn(run, queue, { room: 5, have: [] })).jobs).toEqual([])
  })

  test('said twice, because an answer was lost, is kept all the same', async ({ house }) => {
    const { queue, job, token } = await kept(house)

    expect(await house.report(run, queue, [token], 'later')).toMatchObject({ again: [], stale: [] })

    expect((await house.currentJob(job)).id).toBe(token)
  })

  test('lets its queue fall asleep, and outlives the run', async ({ house }) => {
    const { queue, job, token } = await kept(house)

    expect(await house.turn(run, queue, { stop: true, sleepy: true })).toMatchObject({ state: 'asleep' })
    await house.age('heartbeat', queue)
    await house.sweep()

    expect(await house.currentJob(job)).toMatchObject({ id: token })
    expect(await house.wakeUps(queue)).toBe(0)
  })

  test('counts as an attempt of unknown outcome when its lease runs out', async ({ house }) => {
    const { queue, job } = await kept(house, { retry_base_ms: 60_000 })
    await house.age('current_job', queue)

    await house.sweep()

    expect(await house.jobRow(job)).toMatchObject({ status: 'pending', attempts: 1 })
    expect(await house.attempts(job)).toMatchObject([{ outcome: 'unknown', run: null }])
    expect(await house.freeWorkers(queue)).toBe(1)
  })

  test('ends by end_current_job, too', async ({ house }) => {
    const { queue, job, token } = await kept(house)

    await house.endCurrentJob(token, true)

    expect(await house.jobRow(job)).toMatchObject({ status: 'success' })
    expect(await house.freeWorkers(queue)).toBe(1)
  })

  test('that has ended before its answer was reported stays as it ended', async ({ house }) => {
    const { queue, job, token } = await begun(house)
    await house.finish(token, 'complete', { result: 1 })

    expect(await house.report(run, queue, [token], 'later')).toMatchObject({ again: [], stale: [token] })

    expect(await house.jobRow(job)).toMatchObject({ status: 'success', result: 1 })
  })

  test('of another queue is not valid in this one', async ({ house }) => {
    const other = await begun(house)
    const { queue } = await begun(house)

    expect(await house.report(run, queue, [other.token], 'later')).toMatchObject({ stale: [other.token] })

    expect((await house.currentJob(other.job)).dispatcher).toBe(run)
  })

  test('stands beside others that are reported in the same turn', async ({ house }) => {
    const queue = await house.queue({ workers: 2 })
    await house.turn(run, queue)
    const [first, second] = await house.jobs(queue, 2)
    const [one, other] = (await house.take(run, queue)).map((entry) => entry.current_job.id)

    const answer = await house.turn(run, queue, {
      reports: [{ token: one!, outcome: 'later' }, { token: other!, outcome: 'success' }],
    })

    expect(answer).toMatchObject({ again: [], stale: [] })
    expect((await house.jobRow(first!)).status).toBe('in_progress')
    expect((await house.jobRow(second!)).status).toBe('success')
    expect(await house.freeWorkers(queue)).toBe(1)
  })

  test('whose current job somebody holds is to be brought again, without waiting', async ({ house, another }) => {
    const { queue, token } = await begun(house)
    const user = await another()
    await user.begin()
    await user.hold('current_job', token)

    await house.impatient()
    expect(await house.report(run, queue, [token], 'later')).toMatchObject({ again: [token], stale: [] })

    await user.rollback()
    expect(await house.report(run, queue, [token], 'later')).toMatchObject({ again: [], stale: [] })
  })
})
