import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'

const run = randomUUID()

/** A queue that nobody keeps awake, with free workers, due jobs, and a circuit that is open for some time yet. */
async function openQueue(house: House, left = '1 minute') {
  const queue = await house.queue({ workers: 5, retry_base_ms: 0, edge_function_name: `fn-${randomUUID()}` })
  await house.turn(run, queue)
  await house.openCircuit(queue, left)
  const jobs = await house.jobs(queue, 5)
  await house.age('heartbeat', queue)
  return { queue, jobs }
}

const needsRun = async (house: House, queue: string): Promise<boolean> =>
  (await house.db.query('select supaqueue_internal.needs_run(queue) as needing from supaqueue.queue where id = $1', [
    queue,
  ]))
    .rows[0].needing

describe('while the circuit of a queue is open', () => {
  test('no run is given a job', async ({ house }) => {
    const { queue } = await openQueue(house)

    expect(await house.take(run, queue)).toEqual([])
  })

  test('no run is given a job by the worker that it has just freed', async ({ house }) => {
    const queue = await house.queue({ workers: 5 })
    await house.turn(run, queue)
    await house.jobs(queue, 10)
    const tokens = (await house.take(run, queue)).map((entry) => entry.current_job.id)

    const { jobs } = await house.turn(run, queue, {
      reports: tokens.map((token) => ({ token, outcome: 'deferred' })),
      room: 25,
    })

    expect(jobs).toEqual([])
    expect(await house.freeWorkers(queue)).toBe(5)
  })

  test('process_jobs pairs nothing, by name or for all', async ({ house }) => {
    const { queue } = await openQueue(house)

    expect(await house.processJobs(queue)).toBe(0)
    await house.processJobs()

    expect(await house.inProgress(queue)).toEqual([])
  })

  test('an enqueue neither claims nor wakes', async ({ house }) => {
    const { queue } = await openQueue(house)

    await house.job(queue)

    expect(await house.inProgress(queue)).toEqual([])
    expect(await house.wakeUps(queue)).toBe(0)
  })

  test.for([['17 seconds', 'asleep', false, 0], ['13 seconds', 'awake', true, 1]] as const)(
    'for %s yet, its leader is %s; whether it needs one: %s',
    async ([left, state, needing, wake_ups], { house }) => {
      const { queue } = await openQueue(house, left)
      expect(await needsRun(house, queue)).toBe(needing)
      await house.turn(run, queue)

      expect((await house.turn(run, queue, { room: 5, sleepy: true })).state).toBe(state)
      await house.age('heartbeat', queue)
      await house.sweep()

      expect(await house.wakeUps(queue)).toBe(wake_ups)
    },
  )

  test('other queues go on', async ({ house }) => {
    await openQueue(house)
    const other = await house.queue({ workers: 2 })

    const jobs = await house.jobs(other, 2)

    expect(await house.inProgress(other)).toEqual(jobs)
  })
})

describe('once the circuit of a queue has been open for its time', () => {
  test('one job is tried, and no other until that one is reported', async ({ house }) => {
    const { queue, jobs } = await openQueue(house, '-1 second')

    const probes = await house.take(run, queue)
    const more = [await house.take(run, queue), await house.take(randomUUID(), queue)].flat()

    expect(probes.map((entry) => entry.job.id)).toEqual([jobs[0]])
    expect(more).toEqual([])
    expect(await house.processJobs(queue)).toBe(0)
  })

  test('the job that was tried least is the one, whatever its priority', async ({ house }) => {
    const { queue, jobs } = await openQueue(house, '-1 second')
    await house.db.query('update supaqueue.job set priority = 9, deferrals = 3 where id = any ($1)', [jobs.slice(0, 4)])

    expect((await house.take(run, queue)).map(({ job }) => job.id)).toEqual([jobs[4]])
  })

  test('jobs that are deferred each time keep no other from being tried, however high they are', async ({ house }) => {
    const { queue, jobs: [healthy] } = await openQueue(house, '-1 second')
    await house.db.query('update supaqueue.job set priority = 9 where queue = $1 and id <> $2', [queue, healthy])

    for (let tries = 0; tries < 5; tries++) {
      const [probe] = await house.take(run, queue)
      const outcome = probe!.job.id === healthy ? 'success' : 'deferred'
      await house.report(run, queue, [probe!.current_job.id], outcome)
      if (outcome === 'success') break
      await house.openCircuit(queue, '-1 second')
      await house.db.query(`update supaqueue.job set run_at = now() where queue = $1 and status = 'pending'`, [queue])
    }

    expect(await house.jobRow(healthy!)).toMatchObject({ status: 'success' })
  })

  test('a job that somebody holds is not waited for: the first is tried', async ({ house, another }) => {
    const { queue, jobs } = await openQueue(house, '-1 second')
    await house.db.query('update supaqueue.job set attempts = 1 where id = any ($1)', [jobs.slice(0, 4)])
    const user = await another()
    await user.begin()
    await user.db.query('select from supaqueue.job where id = $1 for update', [jobs[4]])

    await house.impatient()
    expect((await house.take(run, queue)).map(({ job }) => job.id)).toEqual([jobs[0]])
  })

  test('another is tried when that one was lost', async ({ house }) => {
    const { queue } = await openQueue(house, '-1 second')
    await house.take(run, queue)
    await house.age('current_job', queue)
    await house.sweep()
    await house.openCircuit(queue, '-1 second')

    expect(await house.take(run, queue)).toHaveLength(1)
  })

  test('one job is paired for a run that is still to come', async ({ house }) => {
    const { queue, jobs } = await openQueue(house, '-1 second')

    expect(await house.processJobs(queue)).toBe(1)
    expect(await house.processJobs(queue)).toBe(0)

    expect((await house.take(run, queue)).map((entry) => entry.job.id)).toEqual([jobs[0]])
  })

  test('a transaction that began before counts the job that it pairs all the same', async ({ house, another }) => {
    const queue = await house.queue({ workers: 5 })
    await house.turn(run, queue)
    await house.jobs(queue, 5)
    const user = await another()
    await user.begin()
    await user.db.query('select now()')
    await house.openCircuit(queue, '0 seconds')

    expect(await user.processJobs(queue)).toBe(1)
    await user.commit()

    expect(await house.processJobs(queue)).toBe(0)
  })

  test('of sessions that claim at the same moment one tries, and waits for nobody', async ({ house, another }) => {
    const { queue } = await openQueue(house, '-1 second')
    const other = await another()

    await house.begin()
    const mine = await house.take(run, queue)
    await other.impatient()
    const theirs = await other.take(randomUUID(), queue)
    await house.commit()

    expect([mine.length, theirs.length]).toEqual([1, 0])
    expect(await other.take(randomUUID(), queue)).toEqual([])
  })

  test('a call that has been under way since before it opened does not count as the one', async ({ house }) => {
    const queue = await house.queue({ workers: 2 })
    await house.turn(run, queue)
    await house.jobs(queue, 3)
    await house.take(run, queue, 1)

    await house.openCircuit(queue, '0 seconds')

    expect(await house.take(run, queue)).toHaveLength(1)
  })
})
