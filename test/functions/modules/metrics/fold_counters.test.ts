import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { counters, deltas, fold, happened, sizeOf } from './counters.ts'

beforeEach<{ house: House }>(async ({ house }) => {
  await house.db.query('delete from supaqueue.queue')
  await fold(house)
})

describe('what happened since the last sweep', () => {
  test('is added to what happened before, and taken away', async ({ house }) => {
    const queue = await house.queue()
    const once = {
      enqueued: 1,
      begun: 2,
      ended: ['success', 'failed', 'killed', 'retried', 'deferred', 'rescheduled', 'dropped'],
      call_ms: [30, 40],
      wait_ms: [5],
      leases_lost: 3,
      duplicates: 4,
      wake_ups: 5,
      runs: 6,
      turn_ms: 2,
    }
    await happened(house, queue, once)
    expect(await fold(house)).toBe(1)
    await happened(house, queue, once)
    expect(await fold(house)).toBe(1)

    const { rows: [row] } = await house.db.query('select * from supaqueue.counter where queue = $1', [queue])
    expect(row).toMatchObject({
      enqueued: 2,
      begun: 4,
      succeeded: 2,
      failed: 4,
      killed: 2,
      retried: 2,
      deferred: 2,
      rescheduled: 2,
      dropped: 2,
      leases_lost: 6,
      duplicates: 8,
      wake_ups: 10,
      runs: 12,
      calls_ms: 140,
      waits_ms: 10,
      turns_ms: 4,
    })
    expect([sizeOf(row.calls), sizeOf(row.waits), sizeOf(row.turns)]).toEqual([4, 2, 2])
    expect(await deltas(house, queue)).toBe(0)
  })

  test('reads the same before and after', async ({ house }) => {
    const queue = await house.queue({ workers: 1 })
    const run = randomUUID()
    await house.jobs(queue, 3)
    const [entry] = await house.take(run, queue)
    await house.report(run, queue, [entry!.current_job.id], 'success', { ms: 20 })
    await fold(house)
    await house.report(
      run,
      queue,
      await house.db.query(
        'select id from supaqueue.current_job where queue = $1',
        [queue],
      ).then(({ rows }) => rows.map(({ id }) => id)),
      'failed',
      { ms: 30 },
    )

    const before = await counters(house, queue)
    await fold(house)

    expect(await deltas(house, queue)).toBe(0)
    expect(await counters(house, queue)).toEqual(before)
  })

  test('is left for later beyond the limit', async ({ house }) => {
    const queue = await house.queue()
    for (let i = 0; i < 3; i++) await happened(house, queue, { enqueued: 1 })

    expect(await fold(house, 2)).toBe(2)
    expect(await deltas(house, queue)).toBe(1)
    expect(await counters(house, queue)).toMatchObject({ enqueued: 3 })
  })

  test('is dropped for a queue that is gone, with what happened there before', async ({ house }) => {
    const queue = await house.queue()
    await happened(house, queue, { enqueued: 1 })
    await fold(house)
    await house.delete('queue', queue)

    // What was counted goes with the first, what comes late with the second.
    for (let i = 0; i < 2; i++) {
      await happened(house, queue, { enqueued: 1 })
      await fold(house)
    }

    const { rows } = await house.db.query(
      `select from supaqueue.counter where queue = $1 union all select from supaqueue.counter_delta where queue = $1`,
      [queue],
    )
    expect(rows).toEqual([])
  })

  test('is added up by the sweep', async ({ house }) => {
    const queue = await house.queue()
    await happened(house, queue, { enqueued: 1 })

    await house.sweep()

    expect(await deltas(house, queue)).toBe(0)
    expect(await counters(house, queue)).toMatchObject({ enqueued: 1 })
  })

  test('is added up by one session at a time, and none waits', async ({ house, another }) => {
    const [queue, other] = [await house.queue(), await another()]
    await happened(house, queue, { enqueued: 1 })
    await other.impatient()
    await house.begin()
    await fold(house)
    await happened(other, queue, { enqueued: 10 })

    expect(await fold(other)).toBe(0)
    expect(await counters(other, queue)).toMatchObject({ enqueued: 11 })
    await house.commit()

    expect(await fold(other)).toBe(1)
    expect(await counters(other, queue)).toMatchObject({ enqueued: 11 })
  })

  test('stays where somebody holds the counters of its queue, and nobody waits', async ({ house, another }) => {
    const [queue, other] = [await house.queue(), await another()]
    await fold(house)
    await happened(house, queue, { enqueued: 1 })
    await house.begin()
    await house.db.query('select from supaqueue.counter where queue = $1 for update', [queue])
    await other.impatient()

    expect(await fold(other)).toBe(0)
    await house.rollback()

    expect(await fold(other)).toBe(1)
  })

  test('is neither lost nor counted twice while sessions write it down, add it up and read it', async ({ house, another }) => {
    const queue = await house.queue()
    const [one, other, folds, foldsToo, reads] = await Promise.all([
      another(),
      another(),
      another(),
      another(),
      another(),
    ])
    let writing = true
    const seen: number[] = []
    const again = async (work: () => Promise<unknown>) => {
      while (writing) await work()
    }
    const others = [
      again(() => fold(folds)),
      again(() => fold(foldsToo, 3)),
      again(async () => seen.push((await counters(reads, queue)).enqueued)),
    ]

    try {
      await Promise.all([one, other].map(async (session) => {
        for (let i = 0; i < 150; i++) await happened(session, queue, { enqueued: 1, ended: ['success'], call_ms: [5] })
      }))
    } finally {
      writing = false
    }
    await Promise.all(others)

    const { enqueued, succeeded, calls } = await counters(house, queue)
    expect([enqueued, succeeded, sizeOf(calls)]).toEqual([300, 300, 300])
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
  })

  test.for(['repeatable read', 'serializable'])('stays under %s', async (isolation, { house }) => {
    const queue = await house.queue()
    await happened(house, queue, { enqueued: 1 })

    expect(await house.transaction(() => fold(house), isolation)).toBe(0)
    expect(await deltas(house, queue)).toBe(1)
  })

  test('costs no write when nothing happened', async ({ house }) => {
    const queue = await house.queue()
    await happened(house, queue, { enqueued: 1 })
    await fold(house)
    const version = async () =>
      (await house.db.query('select xmin::text, xmax::text, ctid::text from supaqueue.counter')).rows

    const before = await version()
    await fold(house)

    expect(await version()).toEqual(before)
  })

  test('delays no one who deletes its queue', async ({ house, another }) => {
    const [queue, other] = [await house.queue(), await another()]
    await happened(house, queue, { enqueued: 1 })
    await house.begin()
    await fold(house)
    await other.impatient()

    await other.delete('queue', queue)
    await house.commit()

    expect(await counters(house, queue)).toBeUndefined()
  })
})
