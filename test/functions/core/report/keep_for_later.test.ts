import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const run = randomUUID()

/** A job that a run has begun. */
async function begun(
  harness: Harness,
  settings: Parameters<Harness['queue']>[0] = {},
  own: Parameters<Harness['job']>[1] = {},
) {
  const queue = await harness.queue({ workers: 1, ...settings })
  await harness.turn(run, queue)
  const job = await harness.job(queue, own)
  const [entry] = await harness.take(run, queue)
  return { queue, job, token: entry!.current_job.id }
}

/** One whose function has answered that it will report later. */
async function kept(harness: Harness, settings: Parameters<Harness['queue']>[0] = {}) {
  const situation = await begun(harness, settings)
  await harness.report(run, situation.queue, [situation.token], 'later')
  return situation
}

/** For how long the lease of a job lasts from now on, in milliseconds. */
const leaseOf = async (harness: Harness, job: number): Promise<number> =>
  (await harness.db.query(
    `select extract(epoch from lease_until - clock_timestamp())::float8 * 1000 as ms
     from supaqueue.current_job where job = $1`,
    [job],
  )).rows[0].ms

describe('a job whose function will report later', () => {
  test('keeps its worker, its token and its attempt', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)

    const answer = await harness.report(run, queue, [token], 'later')

    expect(answer).toMatchObject({ again: [], stale: [], jobs: [] })
    expect(await harness.jobRow(job)).toMatchObject({ status: 'in_progress', attempts: 1 })
    expect(await harness.currentJob(job)).toMatchObject({ id: token, is_complete: false })
    expect(await harness.freeWorkers(queue)).toBe(0)
    expect(await harness.attempts(job)).toEqual([])
  })

  test.for(
    [
      ['as long as it asked for', { lease_ms: 3_600_000 }, {}, 3_600_000],
      ['a day at most', { lease_ms: 1e12 }, {}, 86_400_000],
      ['ten seconds longer than the timeout of the queue', {}, {}, 310_000],
      ['ten seconds longer than the timeout of its own', {}, { timeout_ms: 350_000 }, 360_000],
    ] as const,
  )('has a lease of %s', async ([, more, own, lease], { harness }) => {
    const { queue, job, token } = await begun(harness, { timeout_ms: 300_000 }, own)
    await harness.db.query(`update supaqueue.current_job set lease_until = clock_timestamp() where id = $1`, [token])

    await harness.report(run, queue, [token], 'later', more)

    expect(await leaseOf(harness, job)).toBeLessThanOrEqual(lease)
    expect(await leaseOf(harness, job)).toBeGreaterThan(lease - 9_000)
  })

  test('keeps the lease that it has extended already', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)
    await harness.extend(token, 3_600_000)

    await harness.report(run, queue, [token], 'later', { lease_ms: 1000 })

    expect(await leaseOf(harness, job)).toBeGreaterThan(3_500_000)
  })

  test('is given to no other run', async ({ harness }) => {
    const { queue, job, token } = await kept(harness)

    expect(await harness.take(randomUUID(), queue)).toEqual([])

    expect((await harness.currentJob(job)).id).toBe(token)
  })

  test('is not given again to the run that lost an answer', async ({ harness }) => {
    const { queue } = await kept(harness)

    expect((await harness.turn(run, queue, { room: 5, have: [] })).jobs).toEqual([])
  })

  test('said twice, because an answer was lost, is kept all the same', async ({ harness }) => {
    const { queue, job, token } = await kept(harness)

    expect(await harness.report(run, queue, [token], 'later')).toMatchObject({ again: [], stale: [] })

    expect((await harness.currentJob(job)).id).toBe(token)
  })

  test('lets its queue fall asleep, and outlives the run', async ({ harness }) => {
    const { queue, job, token } = await kept(harness)

    expect(await harness.turn(run, queue, { stop: true, sleepy: true })).toMatchObject({ state: 'asleep' })
    await harness.age('heartbeat', queue)
    await harness.sweep()

    expect(await harness.currentJob(job)).toMatchObject({ id: token })
    expect(await harness.wakeUps(queue)).toBe(0)
  })

  test('counts as an attempt of unknown outcome when its lease runs out', async ({ harness }) => {
    const { queue, job } = await kept(harness, { retry_base_ms: 60_000 })
    await harness.age('current_job', queue)

    await harness.sweep()

    expect(await harness.jobRow(job)).toMatchObject({ status: 'pending', attempts: 1 })
    expect(await harness.attempts(job)).toMatchObject([{ outcome: 'unknown', run: null }])
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('ends by end_current_job, too', async ({ harness }) => {
    const { queue, job, token } = await kept(harness)

    await harness.endCurrentJob(token, true)

    expect(await harness.jobRow(job)).toMatchObject({ status: 'success' })
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('that has ended before its answer was reported stays as it ended', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)
    await harness.finish(token, 'complete', { result: 1 })

    expect(await harness.report(run, queue, [token], 'later')).toMatchObject({ again: [], stale: [token] })

    expect(await harness.jobRow(job)).toMatchObject({ status: 'success', result: 1 })
  })

  test('of another queue is not valid in this one', async ({ harness }) => {
    const other = await begun(harness)
    const { queue } = await begun(harness)

    expect(await harness.report(run, queue, [other.token], 'later')).toMatchObject({ stale: [other.token] })

    expect((await harness.currentJob(other.job)).dispatcher).toBe(run)
  })

  test('stands beside others that are reported in the same turn', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })
    await harness.turn(run, queue)
    const [first, second] = await harness.jobs(queue, 2)
    const [one, other] = (await harness.take(run, queue)).map((entry) => entry.current_job.id)

    const answer = await harness.turn(run, queue, {
      reports: [{ token: one!, outcome: 'later' }, { token: other!, outcome: 'success' }],
    })

    expect(answer).toMatchObject({ again: [], stale: [] })
    expect((await harness.jobRow(first!)).status).toBe('in_progress')
    expect((await harness.jobRow(second!)).status).toBe('success')
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('whose current job somebody holds is to be brought again, without waiting', async ({ harness, another }) => {
    const { queue, token } = await begun(harness)
    const user = await another()
    await user.begin()
    await user.hold('current_job', token)

    await harness.impatient()
    expect(await harness.report(run, queue, [token], 'later')).toMatchObject({ again: [token], stale: [] })

    await user.rollback()
    expect(await harness.report(run, queue, [token], 'later')).toMatchObject({ again: [], stale: [] })
  })
})
