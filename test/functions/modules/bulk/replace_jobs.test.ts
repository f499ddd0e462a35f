import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'

type Wanted = { payload: unknown; dedupe_key?: string; priority?: number }

const enqueueMany = async (
  harness: Harness,
  queue: string,
  jobs: Wanted[],
): Promise<{ id: number; enqueued: boolean }[]> => {
  const { rows } = await harness.db.query(
    `select id, enqueued from unnest(supaqueue.enqueue_many($1, $2, on_conflict => 'replace'))`,
    [queue, JSON.stringify(jobs)],
  )
  return rows
}

const keyed = (count: number, version: number): Wanted[] =>
  Array.from({ length: count }, (_, n) => ({ payload: { n, version }, dedupe_key: `k${n}` }))

describe('replace_jobs', () => {
  test('writes over all that wait, which keep their ids, and adds the others', async ({ harness }) => {
    const queue = await harness.queue()
    const first = await enqueueMany(harness, queue, keyed(3, 1))
    await harness.update('job', first[1]!.id, { status: 'held', batch_limit: 2 })

    const second = await enqueueMany(harness, queue, [...keyed(3, 2), { payload: { n: 3 }, dedupe_key: 'new' }, {
      payload: {},
    }])

    expect(second.slice(0, 3).map(({ id }) => id)).toEqual(first.map(({ id }) => id))
    expect(second.every(({ enqueued }) => enqueued)).toBe(true)
    const rows = await Promise.all(second.slice(0, 3).map(({ id }) => harness.jobRow(id)))
    expect(rows.map(({ payload, status }) => [payload, status])).toEqual([
      [{ n: 0, version: 2 }, 'pending'],
      [{ n: 1, version: 2 }, 'held'],
      [{ n: 2, version: 2 }, 'pending'],
    ])
    expect(rows[1]).toMatchObject({ batch_index: 1, batch_limit: null })
    const { rows: [{ count }] } = await harness.db.query('select count(*) from supaqueue.job where queue = $1', [queue])
    expect(count).toBe(5)
  })

  test('lets the last of several with one key win, as one by one', async ({ harness }) => {
    const queue = await harness.queue()
    const [first] = await enqueueMany(harness, queue, keyed(1, 1))

    const again = await enqueueMany(harness, queue, [2, 3].map((n) => ({ payload: { n }, dedupe_key: 'k0' })))

    expect(again.map(({ id }) => id)).toEqual([first!.id, first!.id])
    expect((await harness.jobRow(first!.id)).payload).toEqual({ n: 3 })
  })

  test('refuses all when one of them is in progress', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const [first] = await enqueueMany(harness, queue, keyed(1, 1))

    await expect(enqueueMany(harness, queue, keyed(2, 2))).rejects.toMatchObject({ code: 'SQ409' })
    expect((await harness.jobRow(first!.id)).payload).toEqual({ n: 0, version: 1 })
  })

  test('reads no more for a hundred with 5,000 that wait beside them', async ({ harness }) => {
    const queue = await harness.queue()
    await enqueueMany(harness, queue, keyed(100, 1))
    const sql = `select supaqueue.enqueue_many($1, $2, on_conflict => 'replace')`
    const pages = () => harness.pagesRead(sql, [queue, JSON.stringify(keyed(100, 2))])
    await pages()
    const before = await pages()
    await enqueueMany(harness, queue, keyed(5100, 1).slice(100))

    expect(await pages()).toBeLessThan(before * 1.5)
  })
})
