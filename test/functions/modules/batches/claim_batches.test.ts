import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Answer, type House, test } from '../../../support/house.ts'

const tokensOf = (jobs: Answer['jobs']) => jobs.map(({ current_job }) => current_job.id)

/** The jobs of each call, in the order in which they came. */
const callsOf = (jobs: Answer['jobs']) => {
  const calls = new Map<string, number[]>()
  for (const { current_job, job } of jobs) {
    calls.set(current_job.call!, [...calls.get(current_job.call!) ?? [], job.id])
  }
  return [...calls.values()]
}

const awake = async (house: House, settings: Parameters<House['queue']>[0]) => {
  const queue = await house.queue(settings)
  const run = randomUUID()
  await house.turn(run, queue)
  return { queue, run }
}

describe('claim_batches', () => {
  test('gives a worker as many jobs as a batch has, and each worker one call', async ({ house }) => {
    const { queue, run } = await awake(house, { workers: 3, batch_size: 3 })
    const jobs = await house.jobs(queue, 7)

    const taken = await house.take(run, queue)

    expect(callsOf(taken)).toEqual([jobs.slice(0, 3), jobs.slice(3, 6), jobs.slice(6)])
    expect(await house.freeWorkers(queue)).toBe(0)
    const rows = await house.currentJobs(queue)
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

  test('begins no more calls than a run has room for, however many workers are free', async ({ house }) => {
    const { queue, run } = await awake(house, { workers: 3, batch_size: 2 })
    const jobs = await house.jobs(queue, 6)

    expect(callsOf(await house.take(run, queue, 1))).toEqual([jobs.slice(0, 2)])
    expect(await house.freeWorkers(queue)).toBe(2)
  })

  test('gives all jobs of a call a lease that outlives the one that may take longest', async ({ house }) => {
    const { queue, run } = await awake(house, { workers: 1, batch_size: 2, timeout_ms: 5000 })
    await house.job(queue)
    await house.job(queue, { timeout_ms: 30_000 })

    await house.take(run, queue)

    const leases = (await house.currentJobs(queue)).map(({ lease_until, begun_at }) => lease_until - begun_at)
    expect(leases).toEqual([40_000, 40_000])
  })

  test('counts an attempt of each', async ({ house }) => {
    const { queue, run } = await awake(house, { workers: 1, batch_size: 2 })
    await house.jobs(queue, 2)

    expect((await house.take(run, queue)).map(({ job }) => job.attempts)).toEqual([1, 1])
  })

  test('frees a worker with the last of its jobs, and gives it the next call', async ({ house }) => {
    const { queue, run } = await awake(house, { workers: 1, batch_size: 2 })
    const jobs = await house.jobs(queue, 4)
    const [first, second] = tokensOf(await house.take(run, queue))

    const early = await house.report(run, queue, [first!], 'success', { room: 1 })
    expect(early.jobs).toEqual([])
    expect(await house.freeWorkers(queue)).toBe(0)

    const { jobs: next } = await house.turn(run, queue, { reports: [{ token: second!, outcome: 'success' }], room: 1 })
    expect(callsOf(next)).toEqual([jobs.slice(2)])
  })

  test('claims for a run that is still to come, which takes a batch as a whole', async ({ house }) => {
    const queue = await house.queue({ workers: 2, batch_size: 2 })
    const jobs = await house.jobs(queue, 4)
    expect(await house.wakeUps(queue)).toBe(1)

    const run = randomUUID()
    const [one] = callsOf(await house.take(run, queue, 1))
    expect(one).toHaveLength(2)
    expect(callsOf(await house.take(run, queue, 5)).concat([one!]).flat().sort()).toEqual(jobs)
  })

  test('leaves a batch to the next turn while somebody holds one of it', async ({ house, another }) => {
    const queue = await house.queue({ workers: 1, batch_size: 2 })
    const jobs = await house.jobs(queue, 2)
    const [, second] = await house.currentJobs(queue)
    const other = await another()
    await other.begin()
    await other.hold('current_job', second.id)

    await house.impatient()
    expect(await house.take(randomUUID(), queue)).toEqual([])
    await other.rollback()

    expect(callsOf(await house.take(randomUUID(), queue))).toEqual([jobs])
  })

  test('begins a job in a call of its own where a trigger refuses its neighbour', async ({ ownDatabase }) => {
    const { house: houseOf } = await import('../../../support/house.ts')
    const house = houseOf(await ownDatabase.connect())
    const owner = await ownDatabase.connect('owner')
    await owner.query(`
      create function public.refuse() returns trigger language plpgsql as $$
      begin
        if new.status = 'in_progress' and new.payload ? 'bad' then raise exception 'not this one'; end if;
        return new;
      end $$;
      create trigger refuse before update on supaqueue.job for each row execute function public.refuse();
    `)
    const { queue, run } = await awake(house, { workers: 2, batch_size: 2 })
    const bad = await house.job(queue, { payload: { bad: true } })
    const good = await house.job(queue)

    expect(callsOf(await house.take(run, queue))).toEqual([[good]])
    expect((await house.jobRow(bad)).status).toBe('pending')
    const { rows } = await house.db.query('select kind, job from supaqueue.trouble')
    expect(rows).toEqual([{ kind: 'begin', job: bad }])
  })

  test('lets a paused queue begin one by run_now, as a batch of one', async ({ house }) => {
    const queue = await house.queue({ workers: 1, batch_size: 5, paused: true })
    const [job] = await house.jobs(queue, 2)
    await house.db.query('select supaqueue.run_now($1)', [job])

    expect(callsOf(await house.take(randomUUID(), queue))).toEqual([[job]])
  })

  describe('counts against a rate limit', () => {
    const limited = async (house: House, batch_counts: 'jobs' | 'calls') => {
      const name = `limit-${randomUUID()}`
      await house.db.query('select supaqueue.set_rate_limit($1, 0.001, 3)', [name])
      const { queue, run } = await awake(house, { workers: 10, batch_size: 2, batch_counts, rate_limit: name })
      await house.jobs(queue, 20)
      return await house.take(run, queue)
    }

    test('its jobs', async ({ house }) => {
      expect(callsOf(await limited(house, 'jobs')).map((call) => call.length)).toEqual([2, 1])
    })

    test('or its calls, as the queue says', async ({ house }) => {
      expect(callsOf(await limited(house, 'calls')).map((call) => call.length)).toEqual([2, 2, 2])
    })
  })

  test('costs a queue without batches no look at them', async ({ house }) => {
    const { queue, run } = await awake(house, { workers: 1 })
    await house.job(queue)

    const [entry] = await house.take(run, queue)
    expect(entry!.current_job).not.toHaveProperty('call')
    expect((await house.currentJobs(queue))[0]).toMatchObject({ call: null, call_size: 1, place: 0 })
  })
})
