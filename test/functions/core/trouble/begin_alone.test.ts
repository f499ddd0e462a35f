import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { test } from '../../../support/harness.ts'

describe('begin_alone', () => {
  test('begins a job in a call of its own, with a lease that outlives it', async ({ harness }) => {
    const queue = await harness.queue({ batch_size: 9, timeout_ms: 5000 })
    const [worker] = await harness.workers(queue, 1)
    await harness.update('queue', queue, { paused: true })
    const job = await harness.job(queue)
    const run = randomUUID()

    await harness.db.query(
      'select supaqueue_internal.begin_alone($1, queue, $2, $3) from supaqueue.queue where id = $4',
      [job, worker, run, queue],
    )

    const held = await harness.currentJob(job)
    expect(held).toMatchObject({ worker, dispatcher: run, call_size: 1, place: 0 })
    expect(held.call).not.toBeNull()
    expect(held.lease_until - held.begun_at).toBe(15_000)
    expect(await harness.jobRow(job)).toMatchObject({ status: 'in_progress', attempts: 1 })
    expect(await harness.freeWorkers(queue)).toBe(0)
  })

  test('raises when there is nothing to begin', async ({ harness }) => {
    const queue = await harness.queue({ batch_size: 9 })
    const nobody = harness.db.query(
      'select supaqueue_internal.begin_alone(-1, queue, null, null) from supaqueue.queue where id = $1',
      [queue],
    )
    expect(await refusal(nobody)).toMatchObject({ code: 'SQ409' })
  })
})
