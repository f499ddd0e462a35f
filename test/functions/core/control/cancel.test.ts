import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

const run = randomUUID()

async function begun(house: House) {
  const queue = await house.queue({ workers: 1 })
  await house.turn(run, queue)
  const job = await house.job(queue)
  const [entry] = await house.take(run, queue)
  return { queue, job, token: entry!.current_job.id }
}

describe('cancel', () => {
  test.for(['pending', 'held'])('takes a job that is %s back at once', async (status, { house }) => {
    const queue = await house.queue()
    const job = await house.job(queue, { status })

    expect(await ask(house, 'cancel', { job })).toBe(true)

    const row = await house.jobRow(job)
    expect(row).toMatchObject({ status: 'cancelled', attempts: 0 })
    expect(row.finished_at).not.toBeNull()
  })

  test('revokes the lease of a job in progress, frees its worker and refuses its late result', async ({ house }) => {
    const { queue, job, token } = await begun(house)

    expect(await ask(house, 'cancel', { job })).toBe(true)

    expect(await house.currentJobs(queue)).toEqual([])
    expect(await house.freeWorkers(queue)).toBe(1)
    const answer = await house.report(run, queue, [token], 'success', { result: { late: true } })
    expect(answer).toMatchObject({ stale: [token], again: [] })
    expect((await refusal(house.finish(token, 'complete'))).code).toBe('SQ404')
    expect((await refusal(house.assertLease(token))).code).toBe('SQ404')
    expect(await house.jobRow(job)).toMatchObject({ status: 'cancelled', result: null })
  })

  test.for(['success', 'failed', 'cancelled'])('leaves a job that is %s as it is', async (status, { house }) => {
    const queue = await house.queue()
    const job = await house.job(queue)
    await house.update('job', job, { status })
    const before = await house.jobRow(job)

    expect(await ask(house, 'cancel', { job })).toBe(false)

    expect(await house.jobRow(job)).toEqual(before)
  })

  test('refuses a job that is not there', async ({ house }) => {
    expect((await refusal(ask(house, 'cancel', { job: 0 }))).code).toBe('SQ404')
  })
})

describe('cancel beside a report of the same job', () => {
  test('that comes first: the job has ended, and is not cancelled', async ({ house, another }) => {
    const { queue, job, token } = await begun(house)
    const [dispatcher, user] = [await another(), await another()]
    await dispatcher.begin()
    await dispatcher.report(run, queue, [token])

    const cancelled = ask(user, 'cancel', { job })
    await until(() => house.isBlocked(user))
    await dispatcher.commit()

    expect(await cancelled).toBe(false)
    expect((await house.jobRow(job)).status).toBe('success')
  })

  test('that comes second: the report waits for nobody, and in the end changes nothing', async ({ house, another }) => {
    const { queue, job, token } = await begun(house)
    const user = await another()
    await user.begin()
    await ask(user, 'cancel', { job })

    await house.impatient()
    const meanwhile = await house.report(run, queue, [token])
    await user.commit()
    const after = await house.report(run, queue, [token])

    expect(meanwhile).toMatchObject({ again: [token], stale: [] })
    expect(after).toMatchObject({ again: [], stale: [token] })
    expect((await house.jobRow(job)).status).toBe('cancelled')
    expect(await house.freeWorkers(queue)).toBe(1)
  })

  test('that is given up: the report counts', async ({ house, another }) => {
    const { queue, job, token } = await begun(house)
    const user = await another()
    await user.begin()
    await ask(user, 'cancel', { job })
    await user.rollback()

    await house.report(run, queue, [token])

    expect((await house.jobRow(job)).status).toBe('success')
  })

  test('fifty times at once: each job ends in one way, and no worker is lost', async ({ house, another }) => {
    const queue = await house.queue({ workers: 50 })
    await house.turn(run, queue)
    await house.jobs(queue, 50)
    const entries = await house.take(run, queue, 50)
    const [dispatcher, user] = [await another(), await another()]

    const outcomes = await Promise.all(entries.map(async ({ current_job, job }) => {
      const [cancelled, first] = await Promise.all([
        ask(user, 'cancel', { job: job.id }),
        dispatcher.report(run, queue, [current_job.id]),
      ])
      const { stale } = first.again.length ? await dispatcher.report(run, queue, [current_job.id]) : first
      return { cancelled, refused: stale.length === 1, status: (await house.jobRow(job.id)).status }
    }))

    for (const { cancelled, refused, status } of outcomes) {
      expect({ cancelled, refused, status }).toEqual(
        cancelled
          ? { cancelled: true, refused: true, status: 'cancelled' }
          : { cancelled: false, refused: false, status: 'success' },
      )
    }
    expect(await house.freeWorkers(queue)).toBe(50)
    expect(await house.currentJobs(queue)).toEqual([])
  })
})
