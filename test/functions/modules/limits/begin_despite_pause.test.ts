import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type House, test } from '../../../support/house.ts'

const runNow = (house: House, job: number): Promise<boolean> => ask(house, 'run_now', { job })

describe('a job that is begun despite the pause of its queue', () => {
  test('is called by the run that comes, which begins nothing else, and ends as any other', async ({ house }) => {
    const queue = await house.queue({ workers: 2, paused: true })
    const [first, job] = await house.jobs(queue, 2)
    await runNow(house, job!)
    const run = randomUUID()

    const taken = await house.take(run, queue)
    expect(taken.map((entry) => entry.job.id)).toEqual([job])
    await house.report(run, queue, taken.map((entry) => entry.current_job.id))

    expect(await house.jobRow(job!)).toMatchObject({ status: 'success', attempts: 1 })
    expect((await house.jobRow(first!)).status).toBe('pending')
    expect(await house.freeWorkers(queue)).toBe(2)
    expect(await house.turn(run, queue, { sleepy: true })).toMatchObject({ jobs: [], state: 'asleep' })
  })

  test('stays claimed long enough for several sweeps to call a run, and is no longer planned', async ({ house }) => {
    const queue = await house.queue({ workers: 1, paused: true })
    const job = await house.job(queue, { due: '1 hour' })

    await runNow(house, job)

    const claim = await house.currentJob(job)
    expect(claim.lease_until - claim.created_at).toBe(60_000)
    expect((await house.jobRow(job)).run_at).toEqual(claim.created_at)
  })

  test('is not mistaken for one that was paired before the pause', async ({ house }) => {
    const queue = await house.queue({ workers: 2 })
    await house.job(queue)
    await house.update('queue', queue, { paused: true })
    const job = await house.job(queue)
    await runNow(house, job)

    const taken = await house.take(randomUUID(), queue)

    expect(taken.map((entry) => entry.job.id)).toEqual([job])
  })

  test('has one attempt: when that fails it waits for the end of the pause', async ({ house }) => {
    const queue = await house.queue({ workers: 1, paused: true, retry_base_ms: 0 })
    const job = await house.job(queue)
    await runNow(house, job)
    const run = randomUUID()
    const [entry] = await house.take(run, queue)

    const answer = await house.turn(run, queue, {
      reports: [{ token: entry!.current_job.id, outcome: 'failed' }],
      room: 25,
    })

    expect(answer.jobs).toEqual([])
    expect(await house.jobRow(job)).toMatchObject({ status: 'pending', attempts: 1 })
  })

  test('is called for once more by the sweep when its wake-up was lost', async ({ house }) => {
    const queue = await house.queue({ workers: 1, paused: true })
    await runNow(house, await house.job(queue))
    await house.db.query('delete from net.http_request_queue')

    await house.sweep()

    expect(await house.wakeUps(queue)).toBe(1)
  })

  test('goes back unharmed when no run ever came', async ({ house }) => {
    const queue = await house.queue({ workers: 1, paused: true })
    const job = await house.job(queue)
    await runNow(house, job)
    await house.age('current_job', queue)

    await house.sweep()

    expect(await house.jobRow(job)).toMatchObject({ status: 'pending', attempts: 0 })
    expect(await house.freeWorkers(queue)).toBe(1)
  })
})

describe('no job is begun despite a pause', () => {
  const refused = async (house: House, queue: string, job: number) => {
    expect(await runNow(house, job)).toBe(false)
    expect((await house.jobRow(job)).status).toBe('pending')
    expect(await house.wakeUps(queue)).toBe(0)
  }

  test('without a worker', async ({ house }) => {
    const queue = await house.queue({ paused: true })

    await refused(house, queue, await house.job(queue))
  })

  test('of a queue that is pulled from', async ({ house }) => {
    const queue = await house.queue({ workers: 1, paused: true, mode: 'pull' })

    await refused(house, queue, await house.job(queue))
  })

  test('while the circuit is open', async ({ house }) => {
    const queue = await house.queue({ workers: 1, paused: true })
    await house.openCircuit(queue)

    await refused(house, queue, await house.job(queue))
  })

  test('beyond the rate, which it uses up as any other', async ({ house }) => {
    const queue = await house.queue({ workers: 2, paused: true })
    await house.db.query('select supaqueue.set_max_rps($1, 0.01)', [queue])
    const [first, second] = await house.jobs(queue, 2)

    expect(await runNow(house, first!)).toBe(true)
    expect(await runNow(house, second!)).toBe(false)
    expect(await house.inProgress(queue)).toEqual([first])
  })

  test('beyond the cap of its key; one of another key is', async ({ house }) => {
    const queue = await house.queue({ workers: 3, paused: true, per_key: 1 })
    const [first, second] = [
      await house.job(queue, { concurrency_key: 'a' }),
      await house.job(queue, { concurrency_key: 'a' }),
    ]
    const other = await house.job(queue, { concurrency_key: 'b' })

    expect([await runNow(house, first), await runNow(house, second), await runNow(house, other)]).toEqual([
      true,
      false,
      true,
    ])
    expect(await house.inProgress(queue)).toEqual([first, other])
  })

  test('of a key that another session is just taking', async ({ house, another }) => {
    const queue = await house.queue({ workers: 3, paused: true, per_key: 1 })
    const [first, second] = [
      await house.job(queue, { concurrency_key: 'a' }),
      await house.job(queue, { concurrency_key: 'a' }),
    ]
    const other = await another()
    await other.impatient()

    await house.begin()
    expect(await runNow(house, first)).toBe(true)
    expect(await runNow(other, second)).toBe(false)
    await house.commit()
  })

  test('by an older picture of the queue', async ({ house }) => {
    const queue = await house.queue({ workers: 1, paused: true })
    const job = await house.job(queue)

    expect(await house.transaction(() => runNow(house, job), 'repeatable read')).toBe(false)
    expect(await house.inProgress(queue)).toEqual([])
  })
})
