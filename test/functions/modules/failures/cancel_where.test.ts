import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask, rowsOf } from '../../../support/ask.ts'
import { type House, test } from '../../../support/house.ts'
import { lockedBefore } from '../../../support/locked_before.ts'
import { refusal } from '../../../support/refusal.ts'

const enqueue = async (house: House, queue: string, ...jobs: object[]): Promise<number[]> =>
  (await rowsOf(house, 'enqueue_many', { queue, jobs })).map((row) => row.id)

const cancelled = async (house: House, queue: string): Promise<number[]> =>
  (await house.db.query(`select id from supaqueue.job where queue = $1 and status = 'cancelled' order by id`, [queue]))
    .rows.map((row) => row.id)

describe('cancel_where', () => {
  test('takes all jobs of a queue back, and lets those be that have ended', async ({ house }) => {
    const [queue, other] = [await house.queue({ workers: 1 }), await house.queue()]
    const run = randomUUID()
    await house.turn(run, queue)
    const [done, running, pending, held] = await enqueue(house, queue, {}, {}, {}, { held: true })
    await enqueue(house, other, {})
    const [first] = await house.take(run, queue)
    await house.report(run, queue, [first!.current_job.id])
    const [second] = await house.take(run, queue)

    expect(await ask(house, 'cancel_where', { queue })).toBe(3)

    expect(await cancelled(house, queue)).toEqual([running, pending, held])
    expect((await house.jobRow(done!)).status).toBe('success')
    expect(await cancelled(house, other)).toEqual([])
    expect((await house.report(run, queue, [second!.current_job.id])).stale).toEqual([second!.current_job.id])
    expect(await house.freeWorkers(queue)).toBe(1)
  })

  test('of a batch leaves other batches alone', async ({ house }) => {
    const [queue, other] = [await house.queue(), await house.queue()]
    const mine = await enqueue(house, queue, {}, {})
    await enqueue(house, queue, {})
    const { batch } = await house.jobRow(mine[0]!)

    expect(await ask(house, 'cancel_where', { batch, queue: other })).toBe(0)
    expect(await ask(house, 'cancel_where', { batch })).toBe(2)
    expect(await cancelled(house, queue)).toEqual(mine)
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
  )('by %j takes back what fits', async ([filter, places], { house }) => {
    const queue = await house.queue()
    const jobs = await enqueue(
      house,
      queue,
      { payload: { tenant: 7, kind: 'a' }, concurrency_key: 'c' },
      { payload: { tenant: 7, kind: 'b' }, priority: 5 },
      { payload: { tenant: 8 }, version: 2, concurrency_key: 'c' },
      { payload: [], held: true, dedupe_key: 'k' },
    )

    expect(await ask(house, 'cancel_where', { queue, filter })).toBe(places.length)
    expect(await cancelled(house, queue)).toEqual(places.map((place) => jobs[place]))
  })

  test('finds a job by its key, also when the key is free since it began', async ({ house }) => {
    const queue = await house.queue()
    const [job] = await enqueue(house, queue, { held: true, dedupe_key: 'k' }, { held: true })
    await house.update('job', job!, { dedupe_key: null, begun_key: 'k' })

    expect(await ask(house, 'cancel_where', { queue, filter: { dedupe_key: 'k' } })).toBe(1)
    expect(await cancelled(house, queue)).toEqual([job])
  })

  test.for(
    [
      [{}, /needs a queue or a batch/],
      [{ filter: { priority: 1 } }, /needs a queue or a batch/],
      [{ queue: 'q', filter: { prio: 1 } }, /a filter is an object/],
      [{ queue: 'q', filter: ['pending'] }, /a filter is an object/],
      [{ queue: 'q', filter: null }, /a filter is an object/],
    ] as const,
  )('refuses %j', async ([wrong, message], { house }) => {
    expect(await refusal(ask(house, 'cancel_where', wrong))).toMatchObject({
      code: 'SQ422',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/./),
    })
  })

  test('refuses a queue that is not there', async ({ house }) => {
    expect((await refusal(ask(house, 'cancel_where', { queue: randomUUID() }))).code).toBe('SQ404')
  })

  test('locks jobs in the order of their ids', async ({ house, another }) => {
    expect(await lockedBefore(house, another, (owner, queue) => ask(owner, 'cancel_where', { queue }))).toEqual([
      true,
      false,
    ])
  })

  test('at once with another, and with turns, is no deadlock, and loses no worker', async ({ house, another }) => {
    const queue = await house.queue({ workers: 20 })
    const run = randomUUID()
    const [left, right, dispatcher] = [await another(), await another(), await another()]
    for (let round = 0; round < 10; round++) {
      await house.turn(run, queue)
      await house.jobs(queue, 40)
      const entries = await house.take(run, queue, 20)
      const tokens = entries.map((entry) => entry.current_job.id)

      const [one, two] = await Promise.all([
        ask(left, 'cancel_where', { queue }),
        ask(right, 'cancel_where', { queue, filter: { status: ['in_progress', 'pending'] } }),
        dispatcher.report(run, queue, tokens.slice(0, 10)),
      ])

      expect(one + two).toBeLessThanOrEqual(40)
      await ask(house, 'cancel_where', { queue })
    }

    expect(await house.currentJobs(queue)).toEqual([])
    expect(await house.freeWorkers(queue)).toBe(20)
  })
})

test('what cancel_where reads does not grow with jobs that have ended', async ({ house }) => {
  const queue = await house.queue()
  await house.job(queue, { status: 'held' })
  const read = async () => {
    const ask = () => house.pagesRead(`select supaqueue.cancel_where($1, '{"priority": 99}')`, [queue])
    await ask()
    return await ask()
  }
  const before = await read()

  await house.db.query(
    `insert into supaqueue.job (queue, status) select $1, 'success' from generate_series(1, 5000)`,
    [queue],
  )

  expect(await read() - before).toBeLessThan(30)
})
