import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'

describe('claim', () => {
  test('gives the next job to the worker that has just been freed', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const run = randomUUID()
    await harness.turn(run, queue)
    const [first, second] = await harness.jobs(queue, 2)
    const [entry] = await harness.take(run, queue)

    const { jobs } = await harness.turn(run, queue, {
      reports: [{ token: entry!.current_job.id, outcome: 'success' }],
      room: 1,
    })

    expect(jobs.map((next) => next.job.id)).toEqual([second])
    expect((await harness.jobRow(first!)).status).toBe('success')
    expect(await harness.freeWorkers(queue)).toBe(0)
  })

  test('locks no more workers than there are due jobs', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 2 })
    await harness.turn(randomUUID(), queue)
    const first = await harness.job(queue)
    const other = await another()

    await harness.begin()
    await harness.processJobs(queue)
    await other.impatient()
    const second = await other.job(queue)
    expect(await other.processJobs(queue)).toBe(1)
    await harness.commit()

    expect(await harness.inProgress(queue)).toEqual([first, second])
  })

  test('gives a job that a run begins a lease that outlives its call and report', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, timeout_ms: 30_000 })
    const run = randomUUID()
    await harness.turn(run, queue)
    const job = await harness.job(queue)

    await harness.take(run, queue)

    const { dispatcher, begun_at, lease_until } = await harness.currentJob(job)
    expect(dispatcher).toBe(run)
    expect(lease_until - begun_at).toBe(40_000)
  })

  test('goes by the timeout of the job where it has one of its own', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2, timeout_ms: 30_000 })
    const run = randomUUID()
    await harness.turn(run, queue)
    const [own, other] = [await harness.job(queue, { timeout_ms: 5_000 }), await harness.job(queue)]

    await harness.take(run, queue)

    const leases = [await harness.currentJob(own), await harness.currentJob(other)]
    expect(leases.map((row) => row.lease_until - row.begun_at)).toEqual([15_000, 40_000])
  })

  test('gives a claim that no run has begun a lease of fifteen seconds, however long calls may take', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, timeout_ms: 400_000 })

    const job = await harness.job(queue)

    const { created_at, lease_until } = await harness.currentJob(job)
    expect(lease_until - created_at).toBeGreaterThan(14_000)
    expect(lease_until - created_at).toBeLessThan(16_000)
  })

  test('reads hardly a page more with 20,000 planned jobs of higher priority in the way', async ({ harness }) => {
    const queue = await harness.queue({ workers: 6 })
    await harness.turn(randomUUID(), queue)
    const pairTwo = async () => {
      await harness.jobs(queue, 2)
      return await harness.pagesRead('select supaqueue.process_jobs($1)', [queue])
    }
    await pairTwo() // The first in a session reads the catalogue, too.
    const without = await pairTwo()
    await harness.db.query(
      `insert into supaqueue.job (queue, priority, run_at)
       select $1, 9, now() + interval '1 day' from generate_series(1, 20000)`,
      [queue],
    )

    const between = await pairTwo()

    expect(await harness.inProgress(queue)).toHaveLength(6)
    expect(between).toBeLessThan(without + 100)
  })

  test('reads hardly a page more with 20,000 jobs that have ended since it was planned', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const queue = await harness.queue()
    await harness.turn(randomUUID(), queue)
    await harness.job(queue)
    await (await ownDatabase.connect('owner')).query('analyze supaqueue.job')
    const read = async () => {
      await harness.workers(queue, 1)
      await harness.job(queue)
      return await harness.pagesRead('select supaqueue.process_jobs($1)', [queue])
    }
    await read() // planned
    const before = await read()

    await harness.db.query(
      `insert into supaqueue.job (queue, status) select $1, 'success' from generate_series(1, 20000)`,
      [queue],
    )

    expect(await read()).toBeLessThan(before + 30)
  })
})

describe('pairings that no run has yet', () => {
  test.for([[1, 1], [4, 1], [5, 2], [8, 2], [9, 3]] as const)(
    'wake as many runs as they need: %i jobs at 4 calls at once by %i wake-ups',
    async ([jobs, wake_ups], { harness }) => {
      const queue = await harness.queue({ workers: 20 })
      await harness.setting('concurrency', '4')

      await harness.jobs(queue, jobs)
      await harness.db.query(`delete from supaqueue.setting where name = 'concurrency'`)

      expect(await harness.wakeUps(queue)).toBe(wake_ups)
    },
  )

  test('wake one for each queue of their own', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    const [one, two] = [await harness.queue({ workers: 2 }), await harness.queue({ workers: 2 })]

    await harness.transaction(async () => {
      await harness.jobs(one, 2)
      await harness.jobs(two, 2)
    })

    expect([await harness.wakeUps(one), await harness.wakeUps(two)]).toEqual([1, 1])
  })

  test('do not rely on a wake-up that was rolled back', async ({ harness }) => {
    // Somebody is awake, so that the signal of the new worker wakes nobody.
    const queue = await harness.queue()
    await harness.turn(randomUUID(), queue)
    await harness.job(queue)

    await harness.transaction(async () => {
      await harness.workers(queue, 1)
      await harness.db.query('savepoint before')
      await harness.db.query('select supaqueue.process_jobs($1)', [queue])
      await harness.db.query('rollback to before')
      await harness.db.query('select supaqueue.process_jobs($1)', [queue])
    })

    expect(await harness.inProgress(queue)).toHaveLength(1)
    expect(await harness.wakeUps(queue)).toBe(1)
  })
})

test('a pairing that its run begins at once wakes nobody', async ({ harness }) => {
  const queue = await harness.queue({ workers: 1 })
  const run = randomUUID()
  await harness.turn(run, queue)
  await harness.job(queue)

  expect(await harness.take(run, queue)).toHaveLength(1)

  expect(await harness.wakeUps(queue)).toBe(0)
})
