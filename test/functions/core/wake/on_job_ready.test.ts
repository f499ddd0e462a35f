import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'

describe('a job that is inserted', () => {
  test('by the insert that people know begins without anybody’s help', async ({ house }) => {
    await house.db.query(`insert into supaqueue.queue (edge_function_name) values ('enqueued')`)
    const { rows: [queue] } = await house.db.query(`select id from supaqueue.queue where name = 'enqueued'`)
    await house.db.query('insert into supaqueue.worker (queue) values ($1)', [queue.id])

    await house.db.query(`insert into supaqueue.job (queue, payload) values ($1, '{"arg1":"val"}')`, [queue.id])

    expect(await house.inProgress(queue.id)).toHaveLength(1)
    expect(await house.wakeUps(queue.id)).toBe(1)
  })

  test('wakes its queue and no other', async ({ house }) => {
    const [queue, other] = [await house.queue({ workers: 1 }), await house.queue({ workers: 1 })]

    await house.job(queue)

    expect((await house.heartbeat(queue)).awake).toBe(true)
    expect((await house.heartbeat(other)).awake).toBe(false)
  })

  test('into a queue that does not exist is refused', async ({ house }) => {
    await expect(house.job('00000000-0000-0000-0000-000000000000')).rejects.toThrow('job_belongs_to_a_queue')
  })
})

describe('a job in a sleeping queue begins', () => {
  test.for(['held', 'failed', 'cancelled', 'success'])(
    'when it is set from %s to pending',
    async (status, { house }) => {
      const queue = await house.queue({ workers: 1 })
      const job = await house.job(queue, { status })

      await house.update('job', job, { status: 'pending' })

      expect(await house.inProgress(queue)).toEqual([job])
      expect(await house.wakeUps(queue)).toBe(1)
    },
  )

  test('when it is planned for later and moved to now', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue, { due: '1 hour' })

    await house.update('job', job, { run_at: new Date(0) })

    expect(await house.inProgress(queue)).toEqual([job])
  })

  test('when it is moved here from a queue without workers', async ({ house }) => {
    const [from, to] = [await house.queue(), await house.queue({ workers: 1 })]
    const job = await house.job(from)

    await house.update('job', job, { queue: to })

    expect(await house.inProgress(to)).toEqual([job])
    expect(await house.wakeUps(to)).toBe(1)
  })
})

describe('the signal', () => {
  test('rings once for many jobs that are put back in one transaction', async ({ house }) => {
    const queue = await house.queue()
    await house.db.query(
      `insert into supaqueue.job (queue, status) select $1, 'held' from generate_series(1, 1000)`,
      [queue],
    )

    // Outside of read committed every look wakes a run.
    await house.transaction(
      () => house.db.query(`update supaqueue.job set status = 'pending' where queue = $1`, [queue]),
      'repeatable read',
    )

    expect(await house.wakeUps(queue)).toBe(1)
  })

  test('does not ring when a pending job gets another priority', async ({ house }) => {
    const queue = await house.queue()
    const job = await house.job(queue, { due: '-1 minute' })
    const wakeUps = await house.wakeUps(queue)

    await house.transaction(() => house.update('job', job, { priority: 3 }), 'repeatable read')

    expect(await house.wakeUps(queue)).toBe(wakeUps)
  })

  test('wakes nobody when a pending job is moved later', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const job = await house.job(queue, { due: '1 hour' })

    await house.update('job', job, { run_at: new Date(Date.now() + 7_200_000) })

    expect(await house.wakeUps(queue)).toBe(0)
    expect(await house.inProgress(queue)).toEqual([])
  })
})

test('a retry that is due at once does not wait for the sweep, though its run has gone', async ({ house }) => {
  const queue = await house.queue({ workers: 1, retry_base_ms: 0 })
  const run = randomUUID()
  const job = await house.job(queue)
  const [entry] = await house.take(run, queue)
  await house.age('heartbeat', queue)

  await house.endCurrentJob(entry!.current_job.id, false)

  expect(await house.inProgress(queue)).toEqual([job])
  expect((await house.currentJob(job)).dispatcher).toBe(null)
})
