import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('take over', () => {
  test('gives a run the claims that no run has, with a lease that starts now', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, timeout_ms: 30_000 })
    const job = await harness.job(queue)
    const run = randomUUID()

    const jobs = await harness.take(run, queue)

    const row = await harness.currentJob(job)
    expect(jobs.map((entry) => entry.current_job.id)).toEqual([row.id])
    expect(row.dispatcher).toBe(run)
    expect(row.lease_until - row.begun_at).toBe(40_000)
    expect((await harness.jobRow(job)).attempts).toBe(1)
  })

  test('goes by the timeout of the job where it has one of its own', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, timeout_ms: 30_000 })
    const job = await harness.job(queue, { timeout_ms: 5_000 })

    await harness.take(randomUUID(), queue)

    const row = await harness.currentJob(job)
    expect(row.lease_until - row.begun_at).toBe(15_000)
  })

  test('gives a run no more than it has room for', async ({ harness }) => {
    const queue = await harness.queue({ workers: 5 })
    await harness.jobs(queue, 5)

    expect(await harness.take(randomUUID(), queue, 2)).toHaveLength(2)
    expect(await harness.take(randomUUID(), queue, 2)).toHaveLength(2)
    expect(await harness.take(randomUUID(), queue, 2)).toHaveLength(1)
  })

  test('never gives two runs the same claim, and neither waits for the other', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 5 })
    const jobs = await harness.jobs(queue, 5)
    const other = await another()

    await harness.begin()
    const mine = await harness.take(randomUUID(), queue, 3)
    await other.impatient()
    const theirs = await other.take(randomUUID(), queue, 5)
    await harness.commit()

    expect([mine.length, theirs.length]).toEqual([3, 2])
    expect([...mine, ...theirs].map((entry) => entry.job.id).sort()).toEqual(jobs.sort())
  })

  test('leaves alone what another run has, and what belongs to another queue', async ({ harness }) => {
    const [queue, other] = [await harness.queue({ workers: 1 }), await harness.queue({ workers: 1 })]
    await harness.job(queue)
    await harness.job(other)
    await harness.take(randomUUID(), queue)

    expect(await harness.take(randomUUID(), queue)).toEqual([])

    expect((await harness.currentJobs(other))[0].dispatcher).toBe(null)
  })
})
