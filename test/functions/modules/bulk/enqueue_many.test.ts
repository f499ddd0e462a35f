import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask, rowsOf } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

const many = (harness: Harness, queue: string | null, jobs: unknown, more: Record<string, unknown> = {}) =>
  rowsOf(harness, 'enqueue_many', { queue, jobs, ...more })

const jobsOf = async (harness: Harness, queue: string) =>
  (await harness.db.query('select * from supaqueue.job where queue = $1 order by id', [queue])).rows

const batchesOf = async (harness: Harness, queue: string) =>
  (await harness.db.query('select id, label from supaqueue.batch where queue = $1', [queue])).rows

describe('enqueue_many', () => {
  test('makes a batch of all, with ids in the order of the array', async ({ harness }) => {
    const queue = await harness.queue()

    const rows = await many(harness, queue, [{ payload: { n: 'a' } }, { payload: { n: 'b' } }, {}], {
      batch_label: 'import',
    })

    const jobs = await jobsOf(harness, queue)
    const [{ id: batch, label }] = await batchesOf(harness, queue)
    expect(label).toBe('import')
    expect(rows).toEqual(jobs.map(({ id }) => ({ id, batch, enqueued: true })))
    expect(jobs.map(({ payload, batch_index }) => ({ payload, batch_index }))).toEqual([
      { payload: { n: 'a' }, batch_index: 0 },
      { payload: { n: 'b' }, batch_index: 1 },
      { payload: {}, batch_index: 2 },
    ])
    expect(jobs.every((job) => job.batch === batch)).toBe(true)
  })

  test('writes down all that a job may have', async ({ harness }) => {
    const queue = await harness.queue({ url: 'https://api.example.com/in' })
    const wanted = {
      payload: [1, 'two'],
      priority: 3,
      dedupe_key: 'k',
      version: 2,
      concurrency_key: 'c',
      url: 'https://api.example.com/other',
      method: 'PUT',
      headers: { 'x-a': '1' },
      query: { q: 'x' },
      timeout_ms: 100,
      max_attempts: 4,
      retry_base_ms: 5,
      retry_max_ms: 6,
    }

    await many(harness, queue, [
      { ...wanted, run_at: '2099-01-02T03:04:05Z' },
      { delay: '1 hour', held: true },
      { payload: null, priority: null, run_at: null, delay: null, held: null },
    ])

    const [first, second, third] = await jobsOf(harness, queue)
    expect(first).toMatchObject({ ...wanted, run_at: new Date('2099-01-02T03:04:05Z'), status: 'pending' })
    expect(second.status).toBe('held')
    expect(second.run_at - second.created_at).toBe(3_600_000)
    expect(third).toMatchObject({ payload: {}, priority: 0, status: 'pending', run_at: third.created_at })
  })

  test('loses no digit of a number', async ({ harness }) => {
    const queue = await harness.queue()

    await many(harness, queue, '[{"payload": {"n": 12345678901234567890.123}}]')

    const { rows: [row] } = await harness.db.query('select payload::text from supaqueue.job where queue = $1', [queue])
    expect(row.payload).toBe('{"n": 12345678901234567890.123}')
  })

  test('of no jobs makes nothing', async ({ harness }) => {
    const queue = await harness.queue()

    expect(await many(harness, queue, '[]')).toEqual([])
    expect(await batchesOf(harness, queue)).toEqual([])
  })

  test('wakes its queue once', async ({ harness }) => {
    const queue = await harness.queue({ workers: 2 })

    const [first, second] = await many(harness, queue, [{}, {}, {}])

    expect(await harness.inProgress(queue)).toEqual([first.id, second.id])
    expect(await harness.wakeUps(queue)).toBe(1)
  })

  test('keeps the order of the array whatever the keys are', async ({ harness }) => {
    const queue = await harness.queue()

    const rows = await many(harness, queue, ['z', 'a', 'm'].map((dedupe_key) => ({ dedupe_key })))

    expect((await jobsOf(harness, queue)).map(({ id, dedupe_key }) => [id, dedupe_key])).toEqual([
      [rows[0].id, 'z'],
      [rows[1].id, 'a'],
      [rows[2].id, 'm'],
    ])
    expect(rows[0].id).toBeLessThan(rows[1].id)
    expect(rows[1].id).toBeLessThan(rows[2].id)
  })

  test('by an error for one key enqueues none', async ({ harness }) => {
    const queue = await harness.queue()
    const [{ id }] = await many(harness, queue, [{ dedupe_key: 'k' }])

    expect(await refusal(many(harness, queue, [{}, { dedupe_key: 'k' }]))).toMatchObject({
      code: 'SQ409',
      message: expect.stringContaining(`by job ${id}`),
    })
    expect(await jobsOf(harness, queue)).toHaveLength(1)
    expect(await batchesOf(harness, queue)).toHaveLength(1)
  })

  test('by skip gives the jobs that have the keys, also of the array itself', async ({ harness }) => {
    const queue = await harness.queue()
    const [first] = await many(harness, queue, [{ dedupe_key: 'k' }])

    const rows = await many(harness, queue, [{ dedupe_key: 'x' }, { dedupe_key: 'k' }, { dedupe_key: 'x' }], {
      on_conflict: 'skip',
    })

    const batch = rows[0].batch
    expect(batch).not.toBe(first.batch)
    expect(rows).toEqual([
      { id: rows[0].id, batch, enqueued: true },
      { id: first.id, batch: null, enqueued: false },
      { id: rows[0].id, batch: null, enqueued: false },
    ])
    expect(await jobsOf(harness, queue)).toHaveLength(2)
  })

  test('by replace writes over the jobs that have the keys, and takes them into the batch', async ({ harness }) => {
    const queue = await harness.queue()
    const [first] = await many(harness, queue, [{ dedupe_key: 'k', payload: { n: 1 } }])

    const [made, replaced] = await many(harness, queue, [{}, { dedupe_key: 'k', payload: { n: 2 } }], {
      on_conflict: 'replace',
    })

    expect(replaced).toEqual({ id: first.id, batch: made.batch, enqueued: true })
    expect(await harness.jobRow(first.id)).toMatchObject({ payload: { n: 2 }, batch: made.batch, batch_index: 1 })
  })

  test('knows under repeatable read which keys are taken', async ({ harness }) => {
    const queue = await harness.queue()
    const [first] = await many(harness, queue, [{ dedupe_key: 'k' }])

    const rows = await harness.transaction(
      () => many(harness, queue, [{}, { dedupe_key: 'k' }, { dedupe_key: 'x' }], { on_conflict: 'skip' }),
      'repeatable read',
    )

    expect(rows.map((row) => row.enqueued)).toEqual([true, false, true])
    expect(rows[1].id).toBe(first.id)
  })

  test('under repeatable read tells to try again when a key was taken meanwhile', async ({ harness, another }) => {
    const queue = await harness.queue()
    const second = await another()
    await second.begin('repeatable read')
    await second.jobRow(0)
    await many(harness, queue, [{ dedupe_key: 'k' }])

    expect(await refusal(many(second, queue, [{ dedupe_key: 'k' }], { on_conflict: 'skip' }))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining('read committed'),
    })
    await second.rollback()
  })

  test('twice at once with the same keys in opposite order is no deadlock', async ({ harness, another }) => {
    const queue = await harness.queue()
    const keys = Array.from({ length: 300 }, (_, i) => ({ dedupe_key: `k${i}` }))
    const sessions = await Promise.all(Array.from({ length: 6 }, () => another()))

    const results = await Promise.all(
      sessions.map((session, i) =>
        many(session, queue, i % 2 ? keys : keys.toReversed(), { on_conflict: 'skip' })
          .then((rows) => i % 2 ? rows : rows.toReversed())
      ),
    )

    const ids = results.map((rows) => rows.map((row) => row.id))
    expect(ids).toEqual(ids.map(() => ids[0]))
    expect(await jobsOf(harness, queue)).toHaveLength(300)
  })

  test('by an error waits for whoever has just taken a key, and hears how that ended', async ({ harness, another }) => {
    const queue = await harness.queue()
    const [first, second] = [await another(), await another()]
    await first.begin()
    const one = await ask(first, 'enqueue', { queue, dedupe_key: 'k' })

    const refused = refusal(many(second, queue, [{}, { dedupe_key: 'k' }]))
    await until(() => harness.isBlocked(second))
    await first.commit()

    expect(await refused).toMatchObject({ code: 'SQ409', message: expect.stringContaining(`by job ${one}`) })
    expect(await jobsOf(harness, queue)).toHaveLength(1)
  })

  test('refuses a queue that is not there', async ({ harness }) => {
    expect((await refusal(many(harness, randomUUID(), [{}]))).code).toBe('SQ404')
  })

  test('refuses a payload that is too large, and says which', async ({ harness }) => {
    const queue = await harness.queue()
    await harness.update('queue', queue, { payload_max_bytes: 10 })

    expect(await refusal(many(harness, queue, [{}, { payload: { text: 'long' } }]))).toMatchObject({
      code: 'SQ413',
      message: expect.stringContaining('the payload of jobs[1] has 16 bytes'),
    })
    expect(await jobsOf(harness, queue)).toEqual([])
  })

  test.for(
    [
      ['null', /^jobs is an array/],
      [null, /^jobs is an array/],
      ['{}', /^jobs is an array/],
      ['[{}, 1]', /^jobs\[1\] is not an object/],
      ['[{"prioriy": 1}]', /^jobs\[0\] cannot have prioriy$/],
      ['[{"status": "success"}]', /^jobs\[0\] cannot have status$/],
      ['[{"id": 7}]', /^jobs\[0\] cannot have id$/],
      ['[{"run_at": "2099-01-01", "delay": "1 s"}]', /^jobs\[0\] has both/],
      ['[{"held": "yes"}]', /^jobs\[0\] has a held/],
      ['[{"run_at": "soon"}]', /^jobs cannot be read: .*"soon"/],
      ['[{"run_at": "infinity"}]', /^a job runs at a time/],
      ['[{"priority": "high"}]', /^jobs cannot be read: .*"high"/],
      ['[{"priority": 3000000000}]', /^jobs cannot be read: .*3000000000/],
      ['[{"delay": "a while"}]', /^jobs cannot be read: .*"a while"/],
      ['[{"headers": {"host": "x"}}]', /header "host"/],
    ] as const,
  )('refuses %s', async ([jobs, message], { harness }) => {
    const queue = await harness.queue()

    expect(await refusal(many(harness, queue, jobs ?? null))).toMatchObject({
      code: 'SQ422',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/./),
    })
    expect(await jobsOf(harness, queue)).toEqual([])
    expect(await batchesOf(harness, queue)).toEqual([])
  })

  test('refuses an on_conflict that is not known', async ({ harness }) => {
    const queue = await harness.queue()

    expect((await refusal(many(harness, queue, [{}], { on_conflict: 'ignore' }))).code).toBe('SQ422')
  })
})
