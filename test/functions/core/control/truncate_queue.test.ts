import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask, rowsOf } from '../../../support/ask.ts'
import { type House, test } from '../../../support/house.ts'
import { lockedBefore } from '../../../support/locked_before.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

const run = randomUUID()

const countOf = async (house: House, table: string, queue: string): Promise<number> =>
  (await house.db.query(`select count(*) from supaqueue.${table} where queue = $1`, [queue])).rows[0].count

describe('truncate_queue', () => {
  test('deletes all jobs of a queue, whatever became of them, and frees its workers', async ({ house }) => {
    const [queue, other] = [await house.queue({ workers: 1 }), await house.queue()]
    await house.turn(run, queue)
    await rowsOf(house, 'enqueue_many', { queue, jobs: [{}, {}, {}, { held: true }] })
    const [kept] = await rowsOf(house, 'enqueue_many', { queue: other, jobs: [{}, {}] })
    const [empty] = await rowsOf(house, 'enqueue_many', { queue: other, jobs: [{}] })
    await house.delete('job', empty.id)
    const [first] = await house.take(run, queue)
    await house.report(run, queue, [first!.current_job.id], 'killed')
    const [second] = await house.take(run, queue)

    expect(await ask(house, 'truncate_queue', { queue })).toBe(4)

    expect(await countOf(house, 'job', queue)).toBe(0)
    expect(await countOf(house, 'batch', queue)).toBe(0)
    expect(await house.attempts(first!.job.id)).toEqual([])
    expect(await house.freeWorkers(queue)).toBe(1)
    expect((await house.report(run, queue, [second!.current_job.id])).stale).toEqual([second!.current_job.id])
    expect(await house.jobRow(kept.id)).toBeDefined()
    expect(await countOf(house, 'job', other)).toBe(2)
    expect(await countOf(house, 'batch', other)).toBe(2)
  })

  test('locks jobs in the order of their ids', async ({ house, another }) => {
    expect(await lockedBefore(house, another, (owner, queue) => ask(owner, 'truncate_queue', { queue }))).toEqual([
      true,
      false,
    ])
  })

  test('keeps jobs and batches that were enqueued meanwhile', async ({ house, another }) => {
    const queue = await house.queue()
    await house.jobs(queue, 1)
    const [owner, user] = [await another(), await another()]
    await user.begin()
    await rowsOf(user, 'enqueue_many', { queue, jobs: [{}] })

    expect(await ask(owner, 'truncate_queue', { queue })).toBe(1)
    await user.commit()

    expect(await countOf(house, 'job', queue)).toBe(1)
    expect(await countOf(house, 'batch', queue)).toBe(1)
  })

  test('waits for a turn that has one of the jobs, and takes that one, too', async ({ house, another }) => {
    const queue = await house.queue({ workers: 1 })
    await house.turn(run, queue)
    await house.job(queue)
    const [dispatcher, owner] = [await another(), await another()]
    await dispatcher.begin()
    const [entry] = await dispatcher.take(run, queue)

    const truncated = ask(owner, 'truncate_queue', { queue })
    await until(() => house.isBlocked(owner))
    await dispatcher.commit()

    expect(await truncated).toBe(1)
    expect(await house.freeWorkers(queue)).toBe(1)
    expect((await house.report(run, queue, [entry!.current_job.id])).stale).toHaveLength(1)
  })

  test('refuses a queue that is not there', async ({ house }) => {
    expect((await refusal(ask(house, 'truncate_queue', { queue: randomUUID() }))).code).toBe('SQ404')
  })
})
