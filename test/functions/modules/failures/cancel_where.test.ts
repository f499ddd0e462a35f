import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask, rowsOf } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { lockedBefore } from '../../../support/locked_before.ts'
import { refusal } from '../../../support/refusal.ts'

const enqueue = async (harness: Harness, queue: string, ...jobs: object[]): Promise<number[]> =>
  (await rowsOf(harness, 'enqueue_many', { queue, jobs })).map((row) => row.id)

const cancelled = async (harness: Harness, queue: string): Promise<number[]> =>
  (await harness.db.query(`select id from supaqueue.job where queue = $1 and status = 'cancelled' order by id`, [
    queue,
  ]))
    .rows.map((row) => row.id)

describe('cancel_where', () => {
  test('takes all jobs of a queue back, and lets those be that have ended', async ({ harness }) => {
    const [queue, other] = [await harness.queue({ workers: 1 }), await harness.queue()]
    const run = randomUUID()
    await harness.turn(run, queue)
    const [done, running, pending, held] = await enqueue(harness, queue, {}, {}, {}, { held: true })
    await enqueue(harness, other, {})
    const [first] = await harness.take(run, queue)
    await harness.report(run, queue, [first!.current_job.id])
    const [second] = await harness.take(run, queue)

    expect(await ask(harness, 'cancel_where', { queue })).toBe(3)

    expect(await cancelled(harness, queue)).toEqual([running, pending, held])
    expect((await harness.jobRow(done!)).status).toBe('success')
    expect(await cancelled(harness, other)).toEqual([])
    expect((await harness.report(run, queue, [second!.current_job.id])).stale).toEqual([second!.current_job.id])
    expect(await harness.freeWorkers(queue)).toBe(1)
  })

  test('of a batch leaves other batches alone', async ({ harness }) => {
    const [queue, other] = [await harness.queue(), await harness.queue()]
    const mine = await enqueue(harness, queue, {}, {})
    await enqueue(harness, queue, {})
    const { batch } = await harness.jobRow(mine[0]!)

    expect(await ask(harness, 'cancel_where', { batch, queue: other })).toBe(0)
    expect(await ask(harness, 'cancel_where', { batch })).toBe(2)
    expect(await cancelled(harness, queue)).toEqual(mine)
  })

  test.for(
    [
      [{}, [0, 1, 2, 3]],
      [{ payload: { tenant: 7 } }, [0, 1]],
      [{ payload: { tenant: 7, kind: 'a' } }, [0]],
      [{ status: 'held' }, [3]],
      [{ status: ['pending', 'held'] }, [0, 1, 2, 3]],
      [{ status: 'in_progress' }, []],
      [{ priority: 5 }, [1]],
      [{ version: 2 }, [2]],
      [{ version: null }, [0, 1, 3]],
      [{ concurrency_key: 'c' }, [0, 2]],
      [{ concurrency_key: 'c', payload: { tenant: 8 } }, [2]],
      [{ dedupe_key: 'k' }, [3]],
    ] as const,
  )('by %j takes back what fits', async ([filter, places], { harness }) => {
    const queue = await harness.queue()
    const jobs = await enqueue(
      harness,
      queue,
      { payload: { tenant: 7, kind: 'a' }, concurrency_key: 'c' },
      { payload: { tenant: 7, kind: 'b' }, priority: 5 },
      { payload: { tenant: 8 }, version: 2, concurrency_key: 'c' },
      { payload: [], held: true, dedupe_key: 'k' },
    )

    expect(await ask(harness, 'cancel_where', { queue, filter })).toBe(places.length)
    expect(await cancelled(harness, queue)).toEqual(places.map((place) => jobs[place]))
  })

  test('finds a job by its key, also when the key is free since it began', async ({ harness }) => {
    const queue = await harness.queue()
    const [job] = await enqueue(harness, queue, { held: true, dedupe_key: 'k' }, { held: true })
    await harness.update('job', job!, { dedupe_key: null, begun_key: 'k' })

    expect(await ask(harness, 'cancel_where', { queue, filter: { dedupe_key: 'k' } })).toBe(1)
    expect(await cancelled(harness, queue)).toEqual([job])
  })

  test.for(
    [
      [{}, /needs a queue or a batch/],
      [{ filter: { priority: 1 } }, /needs a queue or a batch/],
      [{ queue: 'q', filter: { prio: 1 } }, /a filter is an object/],
      [{ queue: 'q', filter: ['pending'] }, /a filter is an object/],
      [{ queue: 'q', filter: null }, /a filter is an object/],
    ] as const,
  )('refuses %j', async ([wrong, message], { harness }) => {
    expect(await refusal(ask(harness, 'cancel_where', wrong))).toMatchObject({
      code: 'SQ422',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/./),
    })
  })

  test('refuses a queue that is not there', async ({ harness }) => {
    expect((await refusal(ask(harness, 'cancel_where', { queue: randomUUID() }))).code).toBe('SQ404')
  })

  test('locks jobs in the order of their ids', async ({ harness, another }) => {
    expect(await lockedBefore(harness, another, (owner, queue) => ask(owner, 'cancel_where', { queue }))).toEqual([
      true,
      false,
    ])
  })

  test('at once with another, and with turns, is no deadlock, and loses no worker', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 20 })
    const run = randomUUID()
    const [left, right, dispatcher] = [await another(), await another(), await another()]
    for (let round = 0; round < 10; round++) {
      await harness.turn(run, queue)
      await harness.jobs(queue, 40)
      const entries = await harness.take(run, queue, 20)
      const tokens = entries.map((entry) => entry.current_job.id)

      const [one, two] = await Promise.all([
        ask(left, 'cancel_where', { queue }),
        ask(right, 'cancel_where', { queue, filter: { status: ['in_progress', 'pending'] } }),
        dispatcher.report(run, queue, tokens.slice(0, 10)),
      ])

      expect(one + two).toBeLessThanOrEqual(40)
      await ask(harness, 'cancel_where', { queue })
    }

    expect(await harness.currentJobs(queue)).toEqual([])
    expect(await harness.freeWorkers(queue)).toBe(20)
  })
})

test('what cancel_where reads does not grow with jobs that have ended', async ({ harness }) => {
  const queue = await harness.queue()
  await harness.job(queue, { status: 'held' })
  const read = async () => {
    const ask = () => harness.pagesRead(`select supaqueue.cancel_where($1, '{"priority": 99}')`, [queue])
    await ask()
    return await ask()
  }
  const before = await read()

  await harness.db.query(
    `insert into supaqueue.job (queue, status) select $1, 'success' from generate_series(1, 5000)`,
    [queue],
  )

  expect(await read() - before).toBeLessThan(30)
})
