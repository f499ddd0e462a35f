import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { house as houseOf, test } from '../../../support/house.ts'

describe('pair', () => {
  test('gives the next job to the worker that has just been freed', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const run = randomUUID()
    await house.turn(run, queue)
    const [first, second] = await house.jobs(queue, 2)
    const [entry] = await house.take(run, queue)

    const { jobs } = await house.turn(run, queue, {
      reports: [{ token: entry!.current_job.id, outcome: 'success' }],
      room: 1,
    })

    expect(jobs.map((next) => next.job.id)).toEqual([second])
    expect((await house.jobRow(first!)).status).toBe('success')
    expect(await house.freeWorkers(queue)).toBe(0)
  })

  test('locks no more workers than there are due jobs', async ({ house, another }) => {
    const queue = await house.queue({ workers: 2 })
    await house.turn(randomUUID(), queue)
    const first = await house.job(queue)
    const other = await another()

    await house.begin()
    await house.processJobs(queue)
    await other.impatient()
    const second = await other.job(queue)
    expect(await other.processJobs(queue)).toBe(1)
    await house.commit()

    expect(await house.inProgress(queue)).toEqual([first, second])
  })

  test('gives a job that a run begins a lease that outlives its call and report', async ({ house }) => {
    const queue = await house.queue({ workers: 1, timeout_ms: 30_000 })
    const run = randomUUID()
    await house.turn(run, queue)
    const job = await house.job(queue)

    await house.take(run, queue)

    const { dispatcher, begun_at, lease_until } = await house.currentJob(job)
    expect(dispatcher).toBe(run)
    expect(lease_until - begun_at).toBe(40_000)
  })

  test('goes by the timeout of the job where it has one of its own', async ({ house }) => {
    const queue = await house.queue({ workers: 2, timeout_ms: 30_000 })
    const run = randomUUID()
    await house.turn(run, queue)
    const [own, other] = [await house.job(queue, { timeout_ms: 5_000 }), await house.job(queue)]

    await house.take(run, queue)

    const leases = [await house.currentJob(own), await house.currentJob(other)]
    expect(leases.map((row) => row.lease_until - row.begun_at)).toEqual([15_000, 40_000])
  })

  test('gives a claim that no run has begun a lease of fifteen seconds, however long calls may take', async ({ house }) => {
    const queue = await house.queue({ workers: 1, timeout_ms: 400_000 })

    const job = await house.job(queue)

    const { created_at, lease_until } = await house.currentJob(job)
    expect(lease_until - created_at).toBeGreaterThan(14_000)
    expect(lease_until - created_at).toBeLessThan(16_000)
  })

  test('reads hardly a page more with 20,000 planned jobs of higher priority in the way', async ({ house }) => {
    const queue = await house.queue({ workers: 6 })
    await house.turn(randomUUID(), queue)
    const pairTwo = async () => {
      await house.jobs(queue, 2)
      return await house.pagesRead('select supaqueue.process_jobs($1)', [queue])
    }
    await pairTwo() // The first in a session reads the catalogue, too.
    const without = await pairTwo()
    await house.db.query(
      `insert into supaqueue.job (queue, priority, run_at)
       select $1, 9, now() + interval '1 day' from generate_series(1, 20000)`,
      [queue],
    )

    const between = await pairTwo()

    expect(await house.inProgress(queue)).toHaveLength(6)
    expect(between).toBeLessThan(without + 100)
  })

  test('reads hardly a page more with 20,000 jobs that have ended since it was planned', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())
    const queue = await house.queue()
    await house.turn(randomUUID(), queue)
    await house.job(queue)
    await (await ownDatabase.connect('owner')).query('analyze supaqueue.job')
    const read = async () => {
      await house.workers(queue, 1)
      await house.job(queue)
      return await house.pagesRead('select supaqueue.process_jobs($1)', [queue])
    }
    await read() // planned
    const before = await read()

    await house.db.query(
      `insert into supaqueue.job (queue, status) select $1, 'success' from generate_series(1, 20000)`,
      [queue],
    )

    expect(await read()).toBeLessThan(before + 30)
  })
})

describe('pairings that no run has yet', () => {
  test.for([[1, 1], [4, 1], [5, 2], [8, 2], [9, 3]] as const)(
    'wake as many runs as they need: %i jobs at 4 calls at once by %i wake-ups',
    async ([jobs, wake_ups], { house }) => {
      const queue = await house.queue({ workers: 20 })
      await house.setting('concurrency', '4')

      await house.jobs(queue, jobs)
      await house.db.query(`delete from supaqueue.setting where name = 'concurrency'`)

      expect(await house.wakeUps(queue)).toBe(wake_ups)
    },
  )

  test('wake one for each queue of their own', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())
    const [one, two] = [await house.queue({ workers: 2 }), await house.queue({ workers: 2 })]

    await house.transaction(async () => {
      await house.jobs(one, 2)
      await house.jobs(two, 2)
    })

    expect([await house.wakeUps(one), await house.wakeUps(two)]).toEqual([1, 1])
  })

  test('do not rely on a wake-up that was rolled back', async ({ house }) => {
    // Somebody is awake, so that the signal of the new worker wakes nobody.
    const queue = await house.queue()
    await house.turn(randomUUID(), queue)
    await house.job(queue)

    await house.transaction(async () => {
      await house.workers(queue, 1)
      await house.db.query('savepoint before')
      await house.db.query('select supaqueue.process_jobs($1)', [queue])
      await house.db.query('rollback to before')
      await house.db.query('select supaqueue.process_jobs($1)', [queue])
    })

    expect(await house.inProgress(queue)).toHaveLength(1)
    expect(await house.wakeUps(queue)).toBe(1)
  })
})

test('a pairing that its run begins at once wakes nobody', async ({ house }) => {
  const queue = await house.queue({ workers: 1 })
  const run = randomUUID()
  await house.turn(run, queue)
  await house.job(queue)

  expect(await house.take(run, queue)).toHaveLength(1)

  expect(await house.wakeUps(queue)).toBe(0)
})
