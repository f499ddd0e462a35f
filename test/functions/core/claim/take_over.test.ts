import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'

describe('take over', () => {
  test('gives a run the claims that no run has, with a lease that starts now', async ({ house }) => {
    const queue = await house.queue({ workers: 1, timeout_ms: 30_000 })
    const job = await house.job(queue)
    const run = randomUUID()

    const jobs = await house.take(run, queue)

    const row = await house.currentJob(job)
    expect(jobs.map((entry) => entry.current_job.id)).toEqual([row.id])
    expect(row.dispatcher).toBe(run)
    expect(row.lease_until - row.begun_at).toBe(40_000)
    expect((await house.jobRow(job)).attempts).toBe(1)
  })

  test('goes by the timeout of the job where it has one of its own', async ({ house }) => {
    const queue = await house.queue({ workers: 1, timeout_ms: 30_000 })
    const job = await house.job(queue, { timeout_ms: 5_000 })

    await house.take(randomUUID(), queue)

    const row = await house.currentJob(job)
    expect(row.lease_until - row.begun_at).toBe(15_000)
  })

  test('gives a run no more than it has room for', async ({ house }) => {
    const queue = await house.queue({ workers: 5 })
    await house.jobs(queue, 5)

    expect(await house.take(randomUUID(), queue, 2)).toHaveLength(2)
    expect(await house.take(randomUUID(), queue, 2)).toHaveLength(2)
    expect(await house.take(randomUUID(), queue, 2)).toHaveLength(1)
  })

  test('never gives two runs the same claim, and neither waits for the other', async ({ house, another }) => {
    const queue = await house.queue({ workers: 5 })
    const jobs = await house.jobs(queue, 5)
    const other = await another()

    await house.begin()
    const mine = await house.take(randomUUID(), queue, 3)
    await other.impatient()
    const theirs = await other.take(randomUUID(), queue, 5)
    await house.commit()

    expect([mine.length, theirs.length]).toEqual([3, 2])
    expect([...mine, ...theirs].map((entry) => entry.job.id).sort()).toEqual(jobs.sort())
  })

  test('leaves alone what another run has, and what belongs to another queue', async ({ house }) => {
    const [queue, other] = [await house.queue({ workers: 1 }), await house.queue({ workers: 1 })]
    await house.job(queue)
    await house.job(other)
    await house.take(randomUUID(), queue)

    expect(await house.take(randomUUID(), queue)).toEqual([])

    expect((await house.currentJobs(other))[0].dispatcher).toBe(null)
  })
})
