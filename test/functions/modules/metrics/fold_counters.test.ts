import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { counters, deltas, fold, happened, sizeOf } from './counters.ts'

beforeEach<{ harness: Harness }>(async ({ harness }) => {
  await harness.db.query('delete from supaqueue.queue')
  await fold(harness)
})

describe('what happened since the last sweep', () => {
  test('is added to what happened before, and taken away', async ({ harness }) => {
    const queue = await harness.queue()
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
    await happened(harness, queue, once)
    expect(await fold(harness)).toBe(1)
    await happened(harness, queue, once)
    expect(await fold(harness)).toBe(1)

    const { rows: [row] } = await harness.db.query('select * from supaqueue.counter where queue = $1', [queue])
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
    expect(await deltas(harness, queue)).toBe(0)
  })

  test('reads the same before and after', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const run = randomUUID()
    await harness.jobs(queue, 3)
    const [entry] = await harness.take(run, queue)
    await harness.report(run, queue, [entry!.current_job.id], 'success', { ms: 20 })
    await fold(harness)
    await harness.report(
      run,
      queue,
      await harness.db.query(
        'select id from supaqueue.current_job where queue = $1',
        [queue],
      ).then(({ rows }) => rows.map(({ id }) => id)),
      'failed',
      { ms: 30 },
    )

    const before = await counters(harness, queue)
    await fold(harness)

    expect(await deltas(harness, queue)).toBe(0)
    expect(await counters(harness, queue)).toEqual(before)
  })

  test('is left for later beyond the limit', async ({ harness }) => {
    const queue = await harness.queue()
    for (let i = 0; i < 3; i++) await happened(harness, queue, { enqueued: 1 })

    expect(await fold(harness, 2)).toBe(2)
    expect(await deltas(harness, queue)).toBe(1)
    expect(await counters(harness, queue)).toMatchObject({ enqueued: 3 })
  })

  test('is dropped for a queue that is gone, with what happened there before', async ({ harness }) => {
    const queue = await harness.queue()
    await happened(harness, queue, { enqueued: 1 })
    await fold(harness)
    await harness.delete('queue', queue)

    // What was counted goes with the first, what comes late with the second.
    for (let i = 0; i < 2; i++) {
      await happened(harness, queue, { enqueued: 1 })
      await fold(harness)
    }

    const { rows } = await harness.db.query(
      `select from supaqueue.counter where queue = $1 union all select from supaqueue.counter_delta where queue = $1`,
      [queue],
    )
    expect(rows).toEqual([])
  })

  test('is added up by the sweep', async ({ harness }) => {
    const queue = await harness.queue()
    await happened(harness, queue, { enqueued: 1 })

    await harness.sweep()

    expect(await deltas(harness, queue)).toBe(0)
    expect(await counters(harness, queue)).toMatchObject({ enqueued: 1 })
  })

  test('is added up by one session at a time, and none waits', async ({ harness, another }) => {
    const [queue, other] = [await harness.queue(), await another()]
    await happened(harness, queue, { enqueued: 1 })
    await other.impatient()
    await harness.begin()
    await fold(harness)
    await happened(other, queue, { enqueued: 10 })

    expect(await fold(other)).toBe(0)
    expect(await counters(other, queue)).toMatchObject({ enqueued: 11 })
    await harness.commit()

    expect(await fold(other)).toBe(1)
    expect(await counters(other, queue)).toMatchObject({ enqueued: 11 })
  })

  test('stays where somebody holds the counters of its queue, and nobody waits', async ({ harness, another }) => {
    const [queue, other] = [await harness.queue(), await another()]
    await fold(harness)
    await happened(harness, queue, { enqueued: 1 })
    await harness.begin()
    await harness.db.query('select from supaqueue.counter where queue = $1 for update', [queue])
    await other.impatient()

    expect(await fold(other)).toBe(0)
    await harness.rollback()

    expect(await fold(other)).toBe(1)
  })

  test('is neither lost nor counted twice while sessions write it down, add it up and read it', async ({ harness, another }) => {
    const queue = await harness.queue()
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

    const { enqueued, succeeded, calls } = await counters(harness, queue)
    expect([enqueued, succeeded, sizeOf(calls)]).toEqual([300, 300, 300])
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
  })

  test.for(['repeatable read', 'serializable'])('stays under %s', async (isolation, { harness }) => {
    const queue = await harness.queue()
    await happened(harness, queue, { enqueued: 1 })

    expect(await harness.transaction(() => fold(harness), isolation)).toBe(0)
    expect(await deltas(harness, queue)).toBe(1)
  })

  test('costs no write when nothing happened', async ({ harness }) => {
    const queue = await harness.queue()
    await happened(harness, queue, { enqueued: 1 })
    await fold(harness)
    const version = async () =>
      (await harness.db.query('select xmin::text, xmax::text, ctid::text from supaqueue.counter')).rows

    const before = await version()
    await fold(harness)

    expect(await version()).toEqual(before)
  })

  test('delays no one who deletes its queue', async ({ harness, another }) => {
    const [queue, other] = [await harness.queue(), await another()]
    await happened(harness, queue, { enqueued: 1 })
    await harness.begin()
    await fold(harness)
    await other.impatient()

    await other.delete('queue', queue)
    await harness.commit()

    expect(await counters(harness, queue)).toBeUndefined()
  })
})
