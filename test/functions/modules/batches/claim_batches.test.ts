import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Answer, type Harness, test } from '../../../support/harness.ts'

const tokensOf = (jobs: Answer['jobs']) => jobs.map(({ current_job }) => current_job.id)

/** The jobs of each call, in the order in which they came. */
const callsOf = (jobs: Answer['jobs']) => {
  const calls = new Map<string, number[]>()
  for (const { current_job, job } of jobs) {
    calls.set(current_job.call!, [...calls.get(current_job.call!) ?? [], job.id])
  }
  return [...calls.values()]
}

const awake = async (harness: Harness, settings: Parameters<Harness['queue']>[0]) => {
  const queue = await harness.queue(settings)
  const run = randomUUID()
  await harness.turn(run, queue)
  return { queue, run }
}

describe('claim_batches', () => {
  test('gives a worker as many jobs as a batch has, and each worker one call', async ({ harness }) => {
    const { queue, run } = await awake(harness, { workers: 3, batch_size: 3 })
    const jobs = await harness.jobs(queue, 7)

    const taken = await harness.take(run, queue)

    expect(callsOf(taken)).toEqual([jobs.slice(0, 3), jobs.slice(3, 6), jobs.slice(6)])
    expect(await harness.freeWorkers(queue)).toBe(0)
    const rows = await harness.currentJobs(queue)
    expect(rows.map(({ place, call_size }) => [place, call_size])).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
      [0, 3],
      [1, 3],
      [2, 3],
      [0, 1],
    ])
    expect(new Set(rows.map(({ worker }) => worker)).size).toBe(3)
  })

  test('begins no more calls than a run has room for, however many workers are free', async ({ harness }) => {
    const { queue, run } = await awake(harness, { workers: 3, batch_size: 2 })
    const jobs = await harness.jobs(queue, 6)

    expect(callsOf(await harness.take(run, queue, 1))).toEqual([jobs.slice(0, 2)])
    expect(await harness.freeWorkers(queue)).toBe(2)
  })

  test('gives all jobs of a call a lease that outlives the one that may take longest', async ({ harness }) => {
    const { queue, run } = await awake(harness, { workers: 1, batch_size: 2, timeout_ms: 5000 })
    await harness.job(queue)
    await harness.job(queue, { timeout_ms: 30_000 })

    await harness.take(run, queue)

    const leases = (await harness.currentJobs(queue)).map(({ lease_until, begun_at }) => lease_until - begun_at)
    expect(leases).toEqual([40_000, 40_000])
  })

  test('counts an attempt of each', async ({ harness }) => {
    const { queue, run } = await awake(harness, { workers: 1, batch_size: 2 })
    await harness.jobs(queue, 2)

    expect((await harness.take(run, queue)).map(({ job }) => job.attempts)).toEqual([1, 1])
  })

  test('frees a worker with the last of its jobs, and gives it the next call', async ({ harness }) => {
    const { queue, run } = await awake(harness, { workers: 1, batch_size: 2 })
    const jobs = await harness.jobs(queue, 4)
    const [first, second] = tokensOf(await harness.take(run, queue))

    const early = await harness.report(run, queue, [first!], 'success', { room: 1 })
    expect(early.jobs).toEqual([])
    expect(await harness.freeWorkers(queue)).toBe(0)

    const { jobs: next } = await harness.turn(run, queue, {
      reports: [{ token: second!, outcome: 'success' }],
      room: 1,
    })
    expect(callsOf(next)).toEqual([jobs.slice(2)])
  })

  test('claims for a run that is still to come, which takes a batch as a whole', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2, batch_size: 2 })
    const jobs = await harness.jobs(queue, 4)
    expect(await harness.wakeUps(queue)).toBe(1)

    const run = randomUUID()
    const [one] = callsOf(await harness.take(run, queue, 1))
    expect(one).toHaveLength(2)
    expect(callsOf(await harness.take(run, queue, 5)).concat([one!]).flat().sort()).toEqual(jobs)
  })

  test('leaves a batch to the next turn while somebody holds one of it', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1, batch_size: 2 })
    const jobs = await harness.jobs(queue, 2)
    const [, second] = await harness.currentJobs(queue)
    const other = await another()
    await other.begin()
    await other.hold('current_job', second.id)

    await harness.impatient()
    expect(await harness.take(randomUUID(), queue)).toEqual([])
    await other.rollback()

    expect(callsOf(await harness.take(randomUUID(), queue))).toEqual([jobs])
  })

  test('begins a job in a call of its own where a trigger refuses its neighbour', async ({ ownDatabase }) => {
    const { harness: harnessOf } = await import('../../../support/harness.ts')
    const harness = harnessOf(await ownDatabase.connect())
    const owner = await ownDatabase.connect('owner')
    await owner.query(`
      create function public.refuse() returns trigger language plpgsql as $$
      begin
        if new.status = 'in_progress' and new.payload ? 'bad' then raise exception 'not this one'; end if;
        return new;
      end $$;
      create trigger refuse before update on supaqueue.job for each row execute function public.refuse();
    `)
    const { queue, run } = await awake(harness, { workers: 2, batch_size: 2 })
    const bad = await harness.job(queue, { payload: { bad: true } })
    const good = await harness.job(queue)

    expect(callsOf(await harness.take(run, queue))).toEqual([[good]])
    expect((await harness.jobRow(bad)).status).toBe('pending')
    const { rows } = await harness.db.query('select kind, job from supaqueue.trouble')
    expect(rows).toEqual([{ kind: 'begin', job: bad }])
  })

  test('lets a paused queue begin one by run_now, as a batch of one', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, batch_size: 5, paused: true })
    const [job] = await harness.jobs(queue, 2)
    await harness.db.query('select supaqueue.run_now($1)', [job])

    expect(callsOf(await harness.take(randomUUID(), queue))).toEqual([[job]])
  })

  describe('counts against a rate limit', () => {
    const limited = async (harness: Harness, batch_counts: 'jobs' | 'calls') => {
      const name = `limit-${randomUUID()}`
      await harness.db.query('select supaqueue.set_rate_limit($1, 0.001, 3)', [name])
      const { queue, run } = await awake(harness, { workers: 10, batch_size: 2, batch_counts, rate_limit: name })
      await harness.jobs(queue, 20)
      return await harness.take(run, queue)
    }

    test('its jobs', async ({ harness }) => {
      expect(callsOf(await limited(harness, 'jobs')).map((call) => call.length)).toEqual([2, 1])
    })

    test('or its calls, as the queue says', async ({ harness }) => {
      expect(callsOf(await limited(harness, 'calls')).map((call) => call.length)).toEqual([2, 2, 2])
    })
  })

  test('costs a queue without batches no look at them', async ({ harness }) => {
    const { queue, run } = await awake(harness, { workers: 1 })
    await harness.job(queue)

    const [entry] = await harness.take(run, queue)
    expect(entry!.current_job).not.toHaveProperty('call')
    expect((await harness.currentJobs(queue))[0]).toMatchObject({ call: null, call_size: 1, place: 0 })
  })
})
