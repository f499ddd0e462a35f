import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

const run = randomUUID()

describe('a job that is deferred again and again', () => {
  test('fails once that has lasted as long as its queue bears, however often it was', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, max_defer_ms: 60_000 })
    const job = await harness.job(queue)
    const defer = async () => {
      await harness.db.query('update supaqueue.circuit set failures = 0, open_until = null')
      await harness.update('job', job, { run_at: new Date(0) })
      const [claim] = await harness.take(run, queue)
      await harness.report(run, queue, [claim!.current_job.id], 'deferred', { error: 'not now' })
      return await harness.jobRow(job)
    }

    for (let time = 0; time < 12; time++) expect(await defer()).toMatchObject({ status: 'pending', attempts: 0 })
    await harness.db.query(`update supaqueue.job set deferred_since = now() - interval '61 seconds' where id = $1`, [
      job,
    ])

    expect(await defer()).toMatchObject({ status: 'failed', error: 'deferred 13 times, at last: not now' })
  })

  test('begins to count anew when it got through in between', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1, retry_base_ms: 0 })
    const job = await harness.job(queue)
    const end = async (outcome: 'deferred' | 'failed') => {
      await harness.update('job', job, { run_at: new Date(0) })
      const [claim] = await harness.take(run, queue)
      await harness.report(run, queue, [claim!.current_job.id], outcome)
      return (await harness.jobRow(job)).deferred_since
    }

    expect(await end('deferred')).toBeInstanceOf(Date)
    expect(await end('failed')).toBe(null)
  })

  test('is asked once a second in the end, though its target always says "at once"', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue)
    await harness.db.query('update supaqueue.job set deferrals = 9, deferred_since = now() where id = $1', [job])
    const [claim] = await harness.take(run, queue)

    await harness.report(run, queue, [claim!.current_job.id], 'deferred', { retry_after_ms: 0 })

    const { run_at, updated_at } = await harness.jobRow(job)
    expect(run_at - updated_at).toBe(1000)
  })

  test('counts against the circuit, and uses an attempt, when no host was there', async ({ harness }) => {
    const queue = await harness.queue({ workers: 6, url: 'http://nowhere.invalid/' })
    await harness.turn(run, queue)
    await harness.openCircuit(queue, '-1 second')
    const before = await harness.circuit(queue)
    const job = await harness.job(queue)
    const [claim] = await harness.take(run, queue)

    await harness.report(run, queue, [claim!.current_job.id], 'failed', { reached: false })

    expect(await harness.circuit(queue)).toMatchObject({ failures: before.failures + 1, openings: before.openings + 1 })
    expect(await harness.jobRow(job)).toMatchObject({ attempts: 1, status: 'pending' })
  })
})
