import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask, rowsOf } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { lockedBefore } from '../../../support/locked_before.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

const run = randomUUID()

const countOf = async (harness: Harness, table: string, queue: string): Promise<number> =>
  (await harness.db.query(`select count(*) from supaqueue.${table} where queue = $1`, [queue])).rows[0].count

describe('truncate_queue', () => {
  test('deletes all jobs of a queue, whatever became of them, and frees its workers', async ({ harness }) => {
    const [queue, other] = [await harness.queue({ workers: 1 }), await harness.queue()]
    await harness.turn(run, queue)
    await rowsOf(harness, 'enqueue_many', { queue, jobs: [{}, {}, {}, { held: true }] })
    const [kept] = await rowsOf(harness, 'enqueue_many', { queue: other, jobs: [{}, {}] })
    const [empty] = await rowsOf(harness, 'enqueue_many', { queue: other, jobs: [{}] })
    await harness.delete('job', empty.id)
    const [first] = await harness.take(run, queue)
    await harness.report(run, queue, [first!.current_job.id], 'killed')
    const [second] = await harness.take(run, queue)

    expect(await ask(harness, 'truncate_queue', { queue })).toBe(4)

    expect(await countOf(harness, 'job', queue)).toBe(0)
    expect(await countOf(harness, 'batch', queue)).toBe(0)
    expect(await harness.attempts(first!.job.id)).toEqual([])
    expect(await harness.freeWorkers(queue)).toBe(1)
    expect((await harness.report(run, queue, [second!.current_job.id])).stale).toEqual([second!.current_job.id])
    expect(await harness.jobRow(kept.id)).toBeDefined()
    expect(await countOf(harness, 'job', other)).toBe(2)
    expect(await countOf(harness, 'batch', other)).toBe(2)
  })

  test('locks jobs in the order of their ids', async ({ harness, another }) => {
    expect(await lockedBefore(harness, another, (owner, queue) => ask(owner, 'truncate_queue', { queue }))).toEqual([
      true,
      false,
    ])
  })

  test('keeps jobs and batches that were enqueued meanwhile', async ({ harness, another }) => {
    const queue = await harness.queue()
    await harness.jobs(queue, 1)
    const [owner, user] = [await another(), await another()]
    await user.begin()
    await rowsOf(user, 'enqueue_many', { queue, jobs: [{}] })

    expect(await ask(owner, 'truncate_queue', { queue })).toBe(1)
    await user.commit()

    expect(await countOf(harness, 'job', queue)).toBe(1)
    expect(await countOf(harness, 'batch', queue)).toBe(1)
  })

  test('waits for a turn that has one of the jobs, and takes that one, too', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(run, queue)
    await harness.job(queue)
    const [dispatcher, owner] = [await another(), await another()]
    await dispatcher.begin()
    const [entry] = await dispatcher.take(run, queue)

    const truncated = ask(owner, 'truncate_queue', { queue })
    await until(() => harness.isBlocked(owner))
    await dispatcher.commit()

    expect(await truncated).toBe(1)
    expect(await harness.freeWorkers(queue)).toBe(1)
    expect((await harness.report(run, queue, [entry!.current_job.id])).stale).toHaveLength(1)
  })

  test('refuses a queue that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'truncate_queue', { queue: randomUUID() }))).code).toBe('SQ404')
  })
})
