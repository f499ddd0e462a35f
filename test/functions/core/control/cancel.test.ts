import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

const run = randomUUID()

async function begun(harness: Harness) {
  const queue = await harness.queue({ workers: 1 })
  await harness.turn(run, queue)
  const job = await harness.job(queue)
  const [entry] = await harness.take(run, queue)
  return { queue, job, token: entry!.current_job.id }
}

describe('cancel', () => {
  test.for(['pending', 'held'])('takes a job that is %s back at once', async (status, { harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue, { status })

    expect(await ask(harness, 'cancel', { job })).toBe(true)

    const row = await harness.jobRow(job)
    expect(row).toMatchObject({ status: 'cancelled', attempts: 0 })
    expect(row.finished_at).not.toBeNull()
  })

  test('revokes the lease of a job in progress, frees its worker and refuses its late result', async ({ harness }) => {
    const { queue, job, token } = await begun(harness)

    expect(await ask(harness, 'cancel', { job })).toBe(true)

    expect(await harness.currentJobs(queue)).toEqual([])
    expect(await harness.freeWorkers(queue)).toBe(1)
    const answer = await harness.report(run, queue, [token], 'success', { result: { late: true } })
    expect(answer).toMatchObject({ stale: [token], again: [] })
    expect((await refusal(harness.finish(token, 'complete'))).code).toBe('SQ404')
    expect((await refusal(harness.assertLease(token))).code).toBe('SQ404')
    expect(await harness.jobRow(job)).toMatchObject({ status: 'cancelled', result: null })
  })

  test.for(['success', 'failed', 'cancelled'])('leaves a job that is %s as it is', async (status, { harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)
    await harness.update('job', job, { status })
    const before = await harness.jobRow(job)

    expect(await ask(harness, 'cancel', { job })).toBe(false)

    expect(await harness.jobRow(job)).toEqual(before)
  })

  test('refuses a job that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'cancel', { job: 0 }))).code).toBe('SQ404')
  })
})

describe('cancel beside a report of the same job', () => {
  test('that comes first: the job has ended, and is not cancelled', async ({ harness, another }) => {
    const { queue, job, token } = await begun(harness)
    const [dispatcher, user] = [await another(), await another()]
    await dispatcher.begin()
    await dispatcher.report(run, queue, [token])

    const cancelled = ask(user, 'cancel', { job })
    await until(() => harness.isBlocked(user))
    await dispatcher.commit()

    expect(await cancelled).toBe(false)
    expect((await harness.jobRow(job)).status).toBe('success')
  })

  test('that comes second: the report waits for nobody, and in the end changes nothing', async ({ harness, another }) => {
    const { queue, job, token } = await begun(harness)
    const user = await another()
    await user.begin()
    await ask(user, 'cancel', { job })

    await harness.impatient()
    const meanwhile = await harness.report(run, queue, [token])
    await user.commit()
    const after = await harness.report(run, queue, [token])

    expect(meanwhile).toMatchObject({ again: [token], stale: [] })
    expect(after).toMatchObject({ again: [], stale: [token] })
    expect((await harness.jobRow(job)).status).toBe('cancelled')
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('that is given up: the report counts', async ({ harness, another }) => {
    const { queue, job, token } = await begun(harness)
    const user = await another()
    await user.begin()
    await ask(user, 'cancel', { job })
    await user.rollback()

    await harness.report(run, queue, [token])

    expect((await harness.jobRow(job)).status).toBe('success')
  })

  test('fifty times at once: each job ends in one way, and no worker is lost', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 50 })
    await harness.turn(run, queue)
    await harness.jobs(queue, 50)
    const entries = await harness.take(run, queue, 50)
    const [dispatcher, user] = [await another(), await another()]

    const outcomes = await Promise.all(entries.map(async ({ current_job, job }) => {
      const [cancelled, first] = await Promise.all([
        ask(user, 'cancel', { job: job.id }),
        dispatcher.report(run, queue, [current_job.id]),
      ])
      const { stale } = first.again.length ? await dispatcher.report(run, queue, [current_job.id]) : first
      return { cancelled, refused: stale.length === 1, status: (await harness.jobRow(job.id)).status }
    }))

    for (const { cancelled, refused, status } of outcomes) {
      expect({ cancelled, refused, status }).toEqual(
        cancelled
          ? { cancelled: true, refused: true, status: 'cancelled' }
          : { cancelled: false, refused: false, status: 'success' },
      )
    }
    expect(await harness.freeWorkers(queue)).toBe(50)
    expect(await harness.currentJobs(queue)).toEqual([])
  })
})
