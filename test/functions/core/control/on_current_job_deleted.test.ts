import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

const run = randomUUID()

async function begun(harness: Harness, settings: Parameters<Harness['queue']>[0] = {}) {
  const queue = await harness.queue({ workers: 1, ...settings })
  const job = await harness.job(queue)
  const [entry] = await harness.take(run, queue)
  await harness.age('heartbeat', queue)
  return { queue, job, token: entry!.current_job.id }
}

describe('a current job that is deleted by hand', () => {
  test('puts its job back, which begins anew', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)

    await harness.delete('current_job', token)

    expect((await harness.currentJob(job)).id).not.toBe(token)
    expect(await harness.jobRow(job)).toMatchObject({ attempts: 2, error: 'its current job was deleted' })
    expect((await harness.report(run, queue, [token])).stale).toEqual([token])
  })

  test('fails a job that has no attempt left, and frees its worker', async ({ harness }) => {
    const { queue, job, token } = await begun(harness, { max_attempts: 1 })

    await harness.delete('current_job', token)

    expect(await harness.jobRow(job)).toMatchObject({ status: 'failed', finished_at: expect.any(Date) })
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test.for([[1, 3, 'failed'], [3, 1, 'in_progress']] as const)(
    'of a job with %i attempts of its own goes by them, not by the %i of its queue',
    async ([own, max_attempts, status], { harness }) => {
      const queue = await harness.queue({ workers: 1, max_attempts })
      const job = await harness.job(queue, { max_attempts: own })
      const [entry] = await harness.take(run, queue)
      await harness.age('heartbeat', queue)

      await harness.delete('current_job', entry!.current_job.id)

      expect((await harness.jobRow(job)).status).toBe(status)
    },
  )

  test('does so too in a transaction that reported another', async ({ harness }) => {
    const { job, token } = await begun(harness, { max_attempts: 1 })
    const other = await begun(harness)

    await harness.transaction(async () => {
      await harness.endCurrentJob(other.token, true)
      await harness.delete('current_job', token)
    })

    expect((await harness.jobRow(job)).status).toBe('failed')
  })

  test.for(['job', 'worker'] as const)(
    'while somebody holds its %s is refused at once, for that may wait for it',
    async (table, { harness, another }) => {
      const { job, token } = await begun(harness)
      const { worker } = await harness.currentJob(job)
      const user = await another()
      await user.begin()
      await user.hold(table, { job, worker }[table])

      await harness.impatient()

      expect(await refusal(harness.delete('current_job', token))).toMatchObject({
        code: 'SQ409',
        message: expect.stringContaining(token),
        hint: expect.stringContaining('Try again'),
      })
      expect(await harness.jobRow(job)).toMatchObject({ status: 'in_progress', attempts: 1 })
    },
  )
})

describe('a job in progress that is deleted', () => {
  test('frees its worker, which gets the next job', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)
    const next = await harness.job(queue)
    await harness.age('heartbeat', queue)

    await harness.delete('job', job)

    expect(await harness.inProgress(queue)).toEqual([next])
    expect((await harness.report(run, queue, [token])).stale).toEqual([token])
  })
})

describe('a queue that is deleted', () => {
  /** How many rows of the queue there are in all tables together. */
  const rowsLeft = async (harness: Harness, queue: string): Promise<number> =>
    (await harness.db.query(
      `select (select count(*) from supaqueue.queue where id = $1)
        + (select count(*) from supaqueue.worker where queue = $1)
        + (select count(*) from supaqueue.job where queue = $1)
        + (select count(*) from supaqueue.current_job where queue = $1)
        + (select count(*) from supaqueue.heartbeat where queue = $1) as rows`,
      [queue],
    )).rows[0].rows

  test('takes along everything of it, in flight or not, and nothing of another', async ({ harness }) => {
    const { queue } = await begun(harness, { workers: 3 })
    await harness.jobs(queue, 5)
    await harness.job(queue, { due: '1 hour' })
    const other = await begun(harness)

    await harness.delete('queue', queue)

    expect(await rowsLeft(harness, queue)).toBe(0)
    expect((await harness.jobRow(other.job)).status).toBe('in_progress')
  })

  test('waits for a turn and an enqueue that are under way, and takes along what they left', async ({ harness, another }) => {
    const { queue } = await begun(harness, { workers: 3 })
    const [dispatcher, user, enqueuer] = [await another(), await another(), await another()]
    await user.begin()
    await user.job(queue)
    await harness.jobs(queue, 2)
    await dispatcher.begin()
    await dispatcher.take(run, queue)

    const deleted = enqueuer.delete('queue', queue)
    await until(() => harness.isBlocked(enqueuer))
    await user.commit()
    await dispatcher.commit()
    await deleted

    expect(await rowsLeft(harness, queue)).toBe(0)
    expect(await harness.turn(run, queue, { room: 1 })).toMatchObject({ state: 'leave', jobs: [] })
  })

  test('in the midst of turns and enqueues leaves nothing behind, and nobody meets a deadlock', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 5 })
    await harness.jobs(queue, 50)
    const sessions = [await another(), await another(), await another()] as const
    const errors: unknown[] = []
    let gone = false

    const turns = sessions.slice(0, 2).map(async (session) => {
      const mine = randomUUID()
      let reports: { token: string; outcome: 'success' }[] = []
      while (true) {
        const answer = await session.turn(mine, queue, { room: 3, reports })
        if (answer.state === 'leave' && gone) return
        reports = answer.jobs.map((entry) => ({ token: entry.current_job.id, outcome: 'success' }))
      }
    })
    const enqueues = (async () => {
      while (true) {
        const reason = await sessions[2].jobs(queue, 5).then(() => undefined, (error: { code: string }) => error)
        if (reason?.code === '23503') return
        if (reason) throw reason
      }
    })()
    await until(async () =>
      (await harness.db.query(
        `select from supaqueue.job where queue = $1 and status = 'success' limit 1`,
        [queue],
      )).rows.length > 0
    )
    await harness.delete('queue', queue).finally(() => gone = true)
    for (const result of await Promise.allSettled([...turns, enqueues])) {
      if (result.status === 'rejected') errors.push(result.reason)
    }

    expect(errors).toEqual([])
    expect(await rowsLeft(harness, queue)).toBe(0)
  })
})
