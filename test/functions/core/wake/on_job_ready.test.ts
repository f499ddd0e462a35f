import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('a job that is inserted', () => {
  test('by the insert that people know begins without anybody’s help', async ({ harness }) => {
    await harness.db.query(`insert into supaqueue.queue (edge_function_name) values ('enqueued')`)
    const { rows: [queue] } = await harness.db.query(`select id from supaqueue.queue where name = 'enqueued'`)
    await harness.db.query('insert into supaqueue.worker (queue) values ($1)', [queue.id])

    await harness.db.query(`insert into supaqueue.job (queue, payload) values ($1, '{"arg1":"val"}')`, [queue.id])

    expect(await harness.inProgress(queue.id)).toHaveLength(1)
    expect(await harness.wakeUps(queue.id)).toBe(1)
  })

  test('wakes its queue and no other', async ({ harness }) => {
    const [queue, other] = [await harness.queue({ workers: 1 }), await harness.queue({ workers: 1 })]

    await harness.job(queue)

    expect((await harness.heartbeat(queue)).awake).toBe(true)
    expect((await harness.heartbeat(other)).awake).toBe(false)
  })

  test('into a queue that does not exist is refused', async ({ harness }) => {
    await expect(harness.job('00000000-0000-0000-0000-000000000000')).rejects.toThrow('job_belongs_to_a_queue')
  })
})

describe('a job in a sleeping queue begins', () => {
  test.for(['held', 'failed', 'cancelled', 'success'])(
    'when it is set from %s to pending',
    async (status, { harness }) => {
      const queue = await harness.queue({ workers: 1 })
      const job = await harness.job(queue, { status })

      await harness.update('job', job, { status: 'pending' })

      expect(await harness.inProgress(queue)).toEqual([job])
      expect(await harness.wakeUps(queue)).toBe(1)
    },
  )

  test('when it is planned for later and moved to now', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue, { due: '1 hour' })

    await harness.update('job', job, { run_at: new Date(0) })

    expect(await harness.inProgress(queue)).toEqual([job])
  })

  test('when it is moved here from a queue without workers', async ({ harness }) => {
    const [from, to] = [await harness.queue(), await harness.queue({ workers: 1 })]
    const job = await harness.job(from)

    await harness.update('job', job, { queue: to })

    expect(await harness.inProgress(to)).toEqual([job])
    expect(await harness.wakeUps(to)).toBe(1)
  })
})

describe('the signal', () => {
  test('rings once for many jobs that are put back in one transaction', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.db.query(
      `insert into supaqueue.job (queue, status) select $1, 'held' from generate_series(1, 1000)`,
      [queue],
    )

    // Outside of read committed every look wakes a run.
    await harness.transaction(
      () => harness.db.query(`update supaqueue.job set status = 'pending' where queue = $1`, [queue]),
      'repeatable read',
    )

    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('does not ring when a pending job gets another priority', async ({ harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue, { due: '-1 minute' })
    const wakeUps = await harness.wakeUps(queue)

    await harness.transaction(() => harness.update('job', job, { priority: 3 }), 'repeatable read')

    expect(await harness.wakeUps(queue)).toBe(wakeUps)
  })

  test('wakes nobody when a pending job is moved later', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue, { due: '1 hour' })

    await harness.update('job', job, { run_at: new Date(Date.now() + 7_200_000) })

    expect(await harness.wakeUps(queue)).toBe(0)
    expect(await harness.inProgress(queue)).toEqual([])
  })
})

test('a retry that is due at once does not wait for the sweep, though its run has gone', async ({ harness }) => {
  const queue = await harness.queue({ workers: 1, retry_base_ms: 0 })
  const run = randomUUID()
  const job = await harness.job(queue)
  const [entry] = await harness.take(run, queue)
  await harness.age('heartbeat', queue)

  await harness.endCurrentJob(entry!.current_job.id, false)

  expect(await harness.inProgress(queue)).toEqual([job])
  expect((await harness.currentJob(job)).dispatcher).toBe(null)
})
