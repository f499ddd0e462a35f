import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask, rowsOf } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

/** A queue that begins nothing by itself, whose keys are free once their job begins. */
async function burstQueue(harness: Harness) {
  const queue = await harness.queue({ paused: true })
  await harness.update('queue', queue, { dedupe_until: 'begun' })
  return queue
}

const enqueue = (harness: Harness, queue: string, more: Record<string, unknown>): Promise<number> =>
  ask(harness, 'enqueue', { queue, dedupe_key: 'k', ...more })

/** What there is, with the seconds from the beginning of the transaction until it is due, and from when the first one is. */
const plan = async (harness: Harness, queue: string) =>
  (await harness.db.query(
    `select id, status::text, (payload ->> 'n')::integer as n,
       extract(epoch from run_at - now())::double precision as due,
       extract(epoch from run_at - min(run_at) over ())::integer as later
     from supaqueue.job where queue = $1 order by id`,
    [queue],
  )).rows

/** So much time goes by for a queue. */
const pass = async (harness: Harness, queue: string, time: string) => {
  await harness.db.query(
    `update supaqueue.job set created_at = created_at - $2::interval, run_at = run_at - $2::interval where queue = $1`,
    [queue, time],
  )
  await harness.db.query('update supaqueue.throttled_key set free_at = free_at - $2::interval where queue = $1', [
    queue,
    time,
  ])
}

/** The job that is due begins. */
async function begin(harness: Harness, queue: string) {
  await harness.workers(queue, 1)
  await harness.update('queue', queue, { paused: false })
  await harness.processJobs(queue)
  await harness.update('queue', queue, { paused: true })
}

describe('a debounced burst', () => {
  test('is one job with the last payload, so long after the last enqueue', async ({ harness }) => {
    await harness.begin()
    const queue = await burstQueue(harness)
    const job = await enqueue(harness, queue, { payload: { n: 1 }, debounce: '20 s' })
    await pass(harness, queue, '15 s')

    expect(await enqueue(harness, queue, { payload: { n: 2 }, debounce: '20 s' })).toBe(job)

    expect(await plan(harness, queue)).toMatchObject([{ id: job, status: 'pending', n: 2, due: 20 }])
    await harness.rollback()
  })

  test('without an end runs every max_wait', async ({ harness }) => {
    await harness.begin()
    const queue = await burstQueue(harness)
    const job = await enqueue(harness, queue, { payload: { n: 1 }, debounce: '20 s', max_wait: '50 s' })
    for (let n = 2; n <= 4; n++) {
      await pass(harness, queue, '15 s')
      await enqueue(harness, queue, { payload: { n }, debounce: '20 s', max_wait: '50 s' })
    }
    expect(await plan(harness, queue)).toMatchObject([{ id: job, status: 'pending', n: 4, due: 5 }])
    await pass(harness, queue, '15 s')
    await enqueue(harness, queue, { payload: { n: 5 }, debounce: '20 s', max_wait: '50 s' })

    expect(await plan(harness, queue)).toMatchObject([{ id: job, status: 'pending', n: 5, due: -10 }])
    await harness.rollback()
  })

  test('goes on in a job of its own while one runs', async ({ harness }) => {
    await harness.begin()
    const queue = await burstQueue(harness)
    const first = await enqueue(harness, queue, { payload: { n: 1 }, debounce: '20 s' })
    await pass(harness, queue, '20 s')
    await begin(harness, queue)

    const second = await enqueue(harness, queue, { payload: { n: 2 }, debounce: '20 s' })

    expect(await plan(harness, queue)).toMatchObject([
      { id: first, status: 'in_progress', n: 1 },
      { id: second, status: 'pending', n: 2, due: 20 },
    ])
    await harness.rollback()
  })
})

describe('a throttled burst', () => {
  test('runs at once, then once per period with the last payload', async ({ harness }) => {
    await harness.begin()
    const queue = await burstQueue(harness)
    const next = (n: number) => enqueue(harness, queue, { payload: { n }, throttle: '60 s' })
    const first = await next(1)
    await begin(harness, queue)
    await pass(harness, queue, '10 s')
    const second = await next(2)
    expect(await next(3)).toBe(second)
    expect(await plan(harness, queue)).toMatchObject([{ id: first, n: 1, due: -10 }, { id: second, n: 3, due: 50 }])

    await pass(harness, queue, '50 s')
    await begin(harness, queue)
    const third = await next(4)
    expect(await plan(harness, queue)).toMatchObject([{ id: first }, { id: second }, { id: third, n: 4, due: 60 }])

    await pass(harness, queue, '5 min')
    await begin(harness, queue)
    await next(5)
    expect((await plan(harness, queue)).at(-1)).toMatchObject({ n: 5, due: 0 })
    await harness.rollback()
  })

  test('that did not begin yet takes the newer payload, and no slot', async ({ harness }) => {
    await harness.begin()
    const queue = await burstQueue(harness)
    const first = await enqueue(harness, queue, { payload: { n: 1 }, throttle: '60 s' })
    expect(await enqueue(harness, queue, { payload: { n: 2 }, throttle: '60 s' })).toBe(first)

    expect(await plan(harness, queue)).toMatchObject([{ id: first, status: 'pending', n: 2, due: 0 }])
    const { rows } = await harness.db.query(
      `select extract(epoch from free_at - now())::integer as free from supaqueue.throttled_key where queue = $1`,
      [queue],
    )
    expect(rows).toEqual([{ free: 60 }])
    await harness.rollback()
  })

  test('of two sessions at once has one first', async ({ harness, another }) => {
    const queue = await burstQueue(harness)
    const [one, two] = [await another(), await another()]
    await one.begin()
    const first = await enqueue(one, queue, { payload: { n: 1 }, throttle: '60 s' })

    const other = enqueue(two, queue, { payload: { n: 2 }, throttle: '60 s' })
    await until(() => harness.isBlocked(two))
    await one.commit()

    expect(await other).toBe(first)
    expect(await plan(harness, queue)).toMatchObject([{ n: 2, later: 0 }])
  })

  test('while its job begins: the next one waits for its period', async ({ harness, another }) => {
    const queue = await burstQueue(harness)
    await enqueue(harness, queue, { payload: { n: 1 }, throttle: '60 s' })
    const [dispatch, user] = [await another(), await another()]
    await harness.workers(queue, 1)
    await dispatch.begin()
    await dispatch.update('queue', queue, { paused: false })
    await dispatch.processJobs(queue)

    const next = enqueue(user, queue, { payload: { n: 2 }, throttle: '60 s' })
    await until(() => harness.isBlocked(user))
    await dispatch.commit()
    await next

    expect(await plan(harness, queue)).toMatchObject([
      { status: 'in_progress', n: 1 },
      { status: 'pending', n: 2, later: 60 },
    ])
  })

  test('under an older snapshot is refused, and named', async ({ harness, another }) => {
    const queue = await burstQueue(harness)
    await enqueue(harness, queue, { throttle: '60 s' })
    const other = await another()
    await harness.begin('repeatable read')
    await harness.db.query('select 1 from supaqueue.queue')
    await enqueue(other, queue, { throttle: '60 s' })

    expect(await refusal(enqueue(harness, queue, { throttle: '60 s' }))).toMatchObject({
      code: 'SQ409',
      message: expect.stringContaining('another transaction'),
    })
    await harness.rollback()
  })
})

describe('what a burst cannot be', () => {
  test.for<[string, Record<string, unknown>]>([
    ['without a key', { dedupe_key: null, debounce: '1 s' }],
    ['both', { debounce: '1 s', throttle: '1 s' }],
    ['max_wait alone', { max_wait: '1 s' }],
    ['max_wait with throttle', { max_wait: '1 s', throttle: '1 s' }],
    ['nothing', { debounce: '0 s' }],
    ['negative', { throttle: '-1 s' }],
    ['for years', { throttle: '366 days' }],
    ['max_wait below debounce', { debounce: '2 s', max_wait: '1 s' }],
    ['with a time', { debounce: '2 s', delay: '1 s' }],
    ['held', { debounce: '2 s', held: true }],
    ['with on_conflict', { debounce: '2 s', on_conflict: 'skip' }],
  ])('%s', async ([, given], { harness }) => {
    const queue = await burstQueue(harness)

    expect(await refusal(enqueue(harness, queue, given))).toMatchObject({ code: 'SQ422', hint: expect.any(String) })
    expect(await plan(harness, queue)).toEqual([])
  })

  test('in a queue that keeps its keys longer, which is told what to change', async ({ harness }) => {
    const queue = await harness.queue({ name: `q-${randomUUID()}` })

    expect(await refusal(enqueue(harness, queue, { debounce: '1 s' }))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining("dedupe_until = 'begun'"),
    })
  })
})

describe('many at once', () => {
  const many = (harness: Harness, queue: string, jobs: unknown[], more: Record<string, unknown>) =>
    rowsOf(harness, 'enqueue_many', { queue, jobs, ...more })

  test('become one job of each key, with the last payload of each', async ({ harness }) => {
    await harness.begin()
    const queue = await burstQueue(harness)
    const job = await enqueue(harness, queue, { payload: { n: 1 }, debounce: '20 s' })
    await pass(harness, queue, '15 s')

    const rows = await many(
      harness,
      queue,
      [{ dedupe_key: 'new', payload: { n: 2 } }, { dedupe_key: 'k', payload: { n: 4 } }, {
        dedupe_key: 'k',
        payload: { n: 3 },
      }],
      { debounce: '20 s' },
    )

    expect(rows).toMatchObject([{ enqueued: true }, { id: job, enqueued: true }, { id: job, enqueued: true }])
    expect(await plan(harness, queue)).toMatchObject([{ id: job, n: 3, due: 20 }, { id: rows[0].id, n: 2, due: 20 }])
    await harness.rollback()
  })

  test('run no later than max_wait after the first', async ({ harness }) => {
    await harness.begin()
    const queue = await burstQueue(harness)
    await many(harness, queue, [{ dedupe_key: 'k' }], { debounce: '20 s', max_wait: '30 s' })
    await pass(harness, queue, '15 s')

    await many(harness, queue, [{ dedupe_key: 'k' }], { debounce: '20 s', max_wait: '30 s' })

    expect(await plan(harness, queue)).toMatchObject([{ due: 15 }])
    await harness.rollback()
  })

  test('are throttled: the first of each key at once, then one per period', async ({ harness }) => {
    await harness.begin()
    const queue = await burstQueue(harness)
    await many(harness, queue, [{ dedupe_key: 'a' }, { dedupe_key: 'b' }], { throttle: '1 min' })
    expect(await plan(harness, queue)).toMatchObject([{ due: 0 }, { due: 0 }])
    await begin(harness, queue)

    await many(harness, queue, [{ dedupe_key: 'a', payload: { n: 5 } }], { throttle: '1 min' })

    expect((await plan(harness, queue)).at(-1)).toMatchObject({ n: 5, due: 60 })
    await harness.rollback()
  })

  test.for<[string, unknown[], Record<string, unknown>, string]>([
    ['no key', [{ dedupe_key: 'k' }, {}], { debounce: '1 s' }, 'jobs[1]: debounce and throttle need a dedupe_key'],
    ['a time', [{ dedupe_key: 'k', delay: '1 s' }], { throttle: '1 s' }, 'run_at and delay do not go with them'],
    ['held', [{ dedupe_key: 'k', held: true }], { throttle: '1 s' }, 'cannot be held'],
    ['both', [{ dedupe_key: 'k' }], { throttle: '1 s', debounce: '1 s' }, 'not both'],
    [
      'on_conflict',
      [{ dedupe_key: 'k' }],
      { throttle: '1 s', on_conflict: 'skip' },
      'on_conflict does not go with them',
    ],
  ])('are all refused: %s', async ([, jobs, more, message], { harness }) => {
    const queue = await burstQueue(harness)

    expect(await refusal(many(harness, queue, jobs, more))).toMatchObject({
      code: 'SQ422',
      message: expect.stringContaining(message),
      hint: expect.stringContaining('Nothing was changed'),
    })
    expect(await plan(harness, queue)).toEqual([])
  })
})
