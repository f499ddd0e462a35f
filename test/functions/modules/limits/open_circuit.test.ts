import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

const run = randomUUID()

/** A queue that nobody keeps awake, with free workers, due jobs, and a circuit that is open for some time yet. */
async function openQueue(harness: Harness, left = '1 minute') {
  const queue = await harness.queue({ workers: 5, retry_base_ms: 0, edge_function_name: `fn-${randomUUID()}` })
  await harness.turn(run, queue)
  await harness.openCircuit(queue, left)
  const jobs = await harness.jobs(queue, 5)
  await harness.age('heartbeat', queue)
  return { queue, jobs }
}

const needsRun = async (harness: Harness, queue: string): Promise<boolean> =>
  (await harness.db.query('select supaqueue_internal.needs_run(queue) as needing from supaqueue.queue where id = $1', [
    queue,
  ]))
    .rows[0].needing

describe('while the circuit of a queue is open', () => {
  test('no run is given a job', async ({ harness }) => {
    const { queue } = await openQueue(harness)

    expect(await harness.take(run, queue)).toEqual([])
  })

  test('no run is given a job by the worker that it has just freed', async ({ harness }) => {
    const queue = await harness.queue({ workers: 5 })
    await harness.turn(run, queue)
    await harness.jobs(queue, 10)
    const tokens = (await harness.take(run, queue)).map((entry) => entry.current_job.id)

    const { jobs } = await harness.turn(run, queue, {
      reports: tokens.map((token) => ({ token, outcome: 'deferred' })),
      room: 25,
    })

    expect(jobs).toEqual([])
    expect(await harness.freeWorkers(queue)).toBe(5)
  })

  test('process_jobs pairs nothing, by name or for all', async ({ harness }) => {
    const { queue } = await openQueue(harness)

    expect(await harness.processJobs(queue)).toBe(0)
    await harness.processJobs()

    expect(await harness.inProgress(queue)).toEqual([])
  })

  test('an enqueue neither claims nor wakes', async ({ harness }) => {
    const { queue } = await openQueue(harness)

    await harness.job(queue)

    expect(await harness.inProgress(queue)).toEqual([])
    expect(await harness.wakeUps(queue)).toBe(0)
  })

  test.for([['17 seconds', 'asleep', false, 0], ['13 seconds', 'awake', true, 1]] as const)(
    'for %s yet, its leader is %s; whether it needs one: %s',
    async ([left, state, needing, wake_ups], { harness }) => {
      const { queue } = await openQueue(harness, left)
      expect(await needsRun(harness, queue)).toBe(needing)
      await harness.turn(run, queue)

      expect((await harness.turn(run, queue, { room: 5, sleepy: true })).state).toBe(state)
      await harness.age('heartbeat', queue)
      await harness.sweep()

      expect(await harness.wakeUps(queue)).toBe(wake_ups)
    },
  )

  test('other queues go on', async ({ harness }) => {
    await openQueue(harness)
    const other = await harness.queue({ workers: 2 })

    const jobs = await harness.jobs(other, 2)

    expect(await harness.inProgress(other)).toEqual(jobs)
  })
})

describe('once the circuit of a queue has been open for its time', () => {
  test('one job is tried, and no other until that one is reported', async ({ harness }) => {
    const { queue, jobs } = await openQueue(harness, '-1 second')

    const probes = await harness.take(run, queue)
    const more = [await harness.take(run, queue), await harness.take(randomUUID(), queue)].flat()

    expect(probes.map((entry) => entry.job.id)).toEqual([jobs[0]])
    expect(more).toEqual([])
    expect(await harness.processJobs(queue)).toBe(0)
  })

  test('the job that was tried least is the one, whatever its priority', async ({ harness }) => {
    const { queue, jobs } = await openQueue(harness, '-1 second')
    await harness.db.query('update supaqueue.job set priority = 9, deferrals = 3 where id = any ($1)', [
      jobs.slice(0, 4),
    ])

    expect((await harness.take(run, queue)).map(({ job }) => job.id)).toEqual([jobs[4]])
  })

  test('jobs that are deferred each time keep no other from being tried, however high they are', async ({ harness }) => {
    const { queue, jobs: [healthy] } = await openQueue(harness, '-1 second')
    await harness.db.query('update supaqueue.job set priority = 9 where queue = $1 and id <> $2', [queue, healthy])

    for (let tries = 0; tries < 5; tries++) {
      const [probe] = await harness.take(run, queue)
      const outcome = probe!.job.id === healthy ? 'success' : 'deferred'
      await harness.report(run, queue, [probe!.current_job.id], outcome)
      if (outcome === 'success') break
      await harness.openCircuit(queue, '-1 second')
      await harness.db.query(`update supaqueue.job set run_at = now() where queue = $1 and status = 'pending'`, [queue])
    }

    expect(await harness.jobRow(healthy!)).toMatchObject({ status: 'success' })
  })

  test('a job that somebody holds is not waited for: the first is tried', async ({ harness, another }) => {
    const { queue, jobs } = await openQueue(harness, '-1 second')
    await harness.db.query('update supaqueue.job set attempts = 1 where id = any ($1)', [jobs.slice(0, 4)])
    const user = await another()
    await user.begin()
    await user.db.query('select from supaqueue.job where id = $1 for update', [jobs[4]])

    await harness.impatient()
    expect((await harness.take(run, queue)).map(({ job }) => job.id)).toEqual([jobs[0]])
  })

  test('another is tried when that one was lost', async ({ harness }) => {
    const { queue } = await openQueue(harness, '-1 second')
    await harness.take(run, queue)
    await harness.age('current_job', queue)
    await harness.sweep()
    await harness.openCircuit(queue, '-1 second')

    expect(await harness.take(run, queue)).toHaveLength(1)
  })

  test('one job is paired for a run that is still to come', async ({ harness }) => {
    const { queue, jobs } = await openQueue(harness, '-1 second')

    expect(await harness.processJobs(queue)).toBe(1)
    expect(await harness.processJobs(queue)).toBe(0)

    expect((await harness.take(run, queue)).map((entry) => entry.job.id)).toEqual([jobs[0]])
  })

  test('a transaction that began before counts the job that it pairs all the same', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 5 })
    await harness.turn(run, queue)
    await harness.jobs(queue, 5)
    const user = await another()
    await user.begin()
    await user.db.query('select now()')
    await harness.openCircuit(queue, '0 seconds')

    expect(await user.processJobs(queue)).toBe(1)
    await user.commit()

    expect(await harness.processJobs(queue)).toBe(0)
  })

  test('of sessions that claim at the same moment one tries, and waits for nobody', async ({ harness, another }) => {
    const { queue } = await openQueue(harness, '-1 second')
    const other = await another()

    await harness.begin()
    const mine = await harness.take(run, queue)
    await other.impatient()
    const theirs = await other.take(randomUUID(), queue)
    await harness.commit()

    expect([mine.length, theirs.length]).toEqual([1, 0])
    expect(await other.take(randomUUID(), queue)).toEqual([])
  })

  test('a call that has been under way since before it opened does not count as the one', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })
    await harness.turn(run, queue)
    await harness.jobs(queue, 3)
    await harness.take(run, queue, 1)

    await harness.openCircuit(queue, '0 seconds')

    expect(await harness.take(run, queue)).toHaveLength(1)
  })
})
