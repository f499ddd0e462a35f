import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'

const runNow = (harness: Harness, job: number): Promise<boolean> => ask(harness, 'run_now', { job })

describe('a job that is begun despite the pause of its queue', () => {
  test('is called by the run that comes, which begins nothing else, and ends as any other', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2, paused: true })
    const [first, job] = await harness.jobs(queue, 2)
    await runNow(harness, job!)
    const run = randomUUID()

    const taken = await harness.take(run, queue)
    expect(taken.map((entry) => entry.job.id)).toEqual([job])
    await harness.report(run, queue, taken.map((entry) => entry.current_job.id))

    expect(await harness.jobRow(job!)).toMatchObject({ status: 'success', attempts: 1 })
    expect((await harness.jobRow(first!)).status).toBe('pending')
    expect(await harness.freeWorkers(queue)).toBe(2)
    expect(await harness.turn(run, queue, { sleepy: true })).toMatchObject({ jobs: [], state: 'asleep' })
  })

  test('stays claimed long enough for several sweeps to call a run, and is no longer planned', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, paused: true })
    const job = await harness.job(queue, { due: '1 hour' })

    await runNow(harness, job)

    const claim = await harness.currentJob(job)
    expect(claim.lease_until - claim.created_at).toBe(60_000)
    expect((await harness.jobRow(job)).run_at).toEqual(claim.created_at)
  })

  test('is not mistaken for one that was paired before the pause', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })
    await harness.job(queue)
    await harness.update('queue', queue, { paused: true })
    const job = await harness.job(queue)
    await runNow(harness, job)

    const taken = await harness.take(randomUUID(), queue)

    expect(taken.map((entry) => entry.job.id)).toEqual([job])
  })

  test('has one attempt: when that fails it waits for the end of the pause', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, paused: true, retry_base_ms: 0 })
    const job = await harness.job(queue)
    await runNow(harness, job)
    const run = randomUUID()
    const [entry] = await harness.take(run, queue)

    const answer = await harness.turn(run, queue, {
      reports: [{ token: entry!.current_job.id, outcome: 'failed' }],
      room: 25,
    })

    expect(answer.jobs).toEqual([])
    expect(await harness.jobRow(job)).toMatchObject({ status: 'pending', attempts: 1 })
  })

  test('is called for once more by the sweep when its wake-up was lost', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, paused: true })
    await runNow(harness, await harness.job(queue))
    await harness.db.query('delete from net.http_request_queue')

    await harness.sweep()

    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('goes back unharmed when no run ever came', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, paused: true })
    const job = await harness.job(queue)
    await runNow(harness, job)
    await harness.age('current_job', queue)

    await harness.sweep()

    expect(await harness.jobRow(job)).toMatchObject({ status: 'pending', attempts: 0 })
    expect(await harness.freeWorkers(queue)).toBe(1)
  })
})

describe('no job is begun despite a pause', () => {
  const refused = async (harness: Harness, queue: string, job: number) => {
    expect(await runNow(harness, job)).toBe(false)
    expect((await harness.jobRow(job)).status).toBe('pending')
    expect(await harness.wakeUps(queue)).toBe(0)
  }

  test('without a worker', async ({ harness }) => {
    const queue = await harness.queue({ paused: true })

    await refused(harness, queue, await harness.job(queue))
  })

  test('of a queue that is pulled from', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, paused: true, mode: 'pull' })

    await refused(harness, queue, await harness.job(queue))
  })

  test('while the circuit is open', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, paused: true })
    await harness.openCircuit(queue)

    await refused(harness, queue, await harness.job(queue))
  })

  test('beyond the rate, which it uses up as any other', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2, paused: true })
    await harness.db.query('select supaqueue.set_max_rps($1, 0.01)', [queue])
    const [first, second] = await harness.jobs(queue, 2)

    expect(await runNow(harness, first!)).toBe(true)
    expect(await runNow(harness, second!)).toBe(false)
    expect(await harness.inProgress(queue)).toEqual([first])
  })

  test('beyond the cap of its key; one of another key is', async ({ harness }) => {
    const queue = await harness.queue({ workers: 3, paused: true, per_key: 1 })
    const [first, second] = [
      await harness.job(queue, { concurrency_key: 'a' }),
      await harness.job(queue, { concurrency_key: 'a' }),
    ]
    const other = await harness.job(queue, { concurrency_key: 'b' })

    expect([await runNow(harness, first), await runNow(harness, second), await runNow(harness, other)]).toEqual([
      true,
      false,
      true,
    ])
    expect(await harness.inProgress(queue)).toEqual([first, other])
  })

  test('of a key that another session is just taking', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 3, paused: true, per_key: 1 })
    const [first, second] = [
      await harness.job(queue, { concurrency_key: 'a' }),
      await harness.job(queue, { concurrency_key: 'a' }),
    ]
    const other = await another()
    await other.impatient()

    await harness.begin()
    expect(await runNow(harness, first)).toBe(true)
    expect(await runNow(other, second)).toBe(false)
    await harness.commit()
  })

  test('by an older picture of the queue', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, paused: true })
    const job = await harness.job(queue)

    expect(await harness.transaction(() => runNow(harness, job), 'repeatable read')).toBe(false)
    expect(await harness.inProgress(queue)).toEqual([])
  })
})
