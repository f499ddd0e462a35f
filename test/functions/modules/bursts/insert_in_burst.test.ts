import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask, rowsOf } from '../../../support/ask.ts'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'
import { until } from '../../../support/until.ts'

/** A queue that begins nothing by itself, whose keys are free once their job begins. */
async function burstQueue(house: House) {
  const queue = await house.queue({ paused: true })
  await house.update('queue', queue, { dedupe_until: 'begun' })
  return queue
}

const enqueue = (house: House, queue: string, more: Record<string, unknown>): Promise<number> =>
  ask(house, 'enqueue', { queue, dedupe_key: 'k', ...more })

/** What there is, with the seconds from the beginning of the transaction until it is due, and from when the first one is. */
const plan = async (house: House, queue: string) =>
  (await house.db.query(
    `select id, status::text, (payload ->> 'n')::integer as n,
       extract(epoch from run_at - now())::double precision as due,
       extract(epoch from run_at - min(run_at) over ())::integer as later
     from supaqueue.job where queue = $1 order by id`,
    [queue],
  )).rows

/** So much time goes by for a queue. */
const pass = async (house: House, queue: string, time: string) => {
  await house.db.query(
    `update supaqueue.job set created_at = created_at - $2::interval, run_at = run_at - $2::interval where queue = $1`,
    [queue, time],
  )
  await house.db.query('update supaqueue.throttled_key set free_at = free_at - $2::interval where queue = $1', [
    queue,
    time,
  ])
}

/** The job that is due begins. */
async function begin(house: House, queue: string) {
  await house.workers(queue, 1)
  await house.update('queue', queue, { paused: false })
  await house.processJobs(queue)
  await house.update('queue', queue, { paused: true })
}

describe('a debounced burst', () => {
  test('is one job with the last payload, so long after the last enqueue', async ({ house }) => {
    await house.begin()
    const queue = await burstQueue(house)
    const job = await enqueue(house, queue, { payload: { n: 1 }, debounce: '20 s' })
    await pass(house, queue, '15 s')

    expect(await enqueue(house, queue, { payload: { n: 2 }, debounce: '20 s' })).toBe(job)

    expect(await plan(house, queue)).toMatchObject([{ id: job, status: 'pending', n: 2, due: 20 }])
    await house.rollback()
  })

  test('without an end runs every max_wait', async ({ house }) => {
    await house.begin()
    const queue = await burstQueue(house)
    const job = await enqueue(house, queue, { payload: { n: 1 }, debounce: '20 s', max_wait: '50 s' })
    for (let n = 2; n <= 4; n++) {
      await pass(house, queue, '15 s')
      await enqueue(house, queue, { payload: { n }, debounce: '20 s', max_wait: '50 s' })
    }
    expect(await plan(house, queue)).toMatchObject([{ id: job, status: 'pending', n: 4, due: 5 }])
    await pass(house, queue, '15 s')
    await enqueue(house, queue, { payload: { n: 5 }, debounce: '20 s', max_wait: '50 s' })

    expect(await plan(house, queue)).toMatchObject([{ id: job, status: 'pending', n: 5, due: -10 }])
    await house.rollback()
  })

  test('goes on in a job of its own while one runs', async ({ house }) => {
    await house.begin()
    const queue = await burstQueue(house)
    const first = await enqueue(house, queue, { payload: { n: 1 }, debounce: '20 s' })
    await pass(house, queue, '20 s')
    await begin(house, queue)

    const second = await enqueue(house, queue, { payload: { n: 2 }, debounce: '20 s' })

    expect(await plan(house, queue)).toMatchObject([
      { id: first, status: 'in_progress', n: 1 },
      { id: second, status: 'pending', n: 2, due: 20 },
    ])
    await house.rollback()
  })
})

describe('a throttled burst', () => {
  test('runs at once, then once per period with the last payload', async ({ house }) => {
    await house.begin()
    const queue = await burstQueue(house)
    const next = (n: number) => enqueue(house, queue, { payload: { n }, throttle: '60 s' })
    const first = await next(1)
    await begin(house, queue)
    await pass(house, queue, '10 s')
    const second = await next(2)
    expect(await next(3)).toBe(second)
    expect(await plan(house, queue)).toMatchObject([{ id: first, n: 1, due: -10 }, { id: second, n: 3, due: 50 }])

    await pass(house, queue, '50 s')
    await begin(house, queue)
    const third = await next(4)
    expect(await plan(house, queue)).toMatchObject([{ id: first }, { id: second }, { id: third, n: 4, due: 60 }])

    await pass(house, queue, '5 min')
    await begin(house, queue)
    await next(5)
    expect((await plan(house, queue)).at(-1)).toMatchObject({ n: 5, due: 0 })
    await house.rollback()
  })

  test('that did not begin yet takes the newer payload, and no slot', async ({ house }) => {
    await house.begin()
    const queue = await burstQueue(house)
    const first = await enqueue(house, queue, { payload: { n: 1 }, throttle: '60 s' })
    expect(await enqueue(house, queue, { payload: { n: 2 }, throttle: '60 s' })).toBe(first)

    expect(await plan(house, queue)).toMatchObject([{ id: first, status: 'pending', n: 2, due: 0 }])
    const { rows } = await house.db.query(
      `select extract(epoch from free_at - now())::integer as free from supaqueue.throttled_key where queue = $1`,
      [queue],
    )
    expect(rows).toEqual([{ free: 60 }])
    await house.rollback()
  })

  test('of two sessions at once has one first', async ({ house, another }) => {
    const queue = await burstQueue(house)
    const [one, two] = [await another(), await another()]
    await one.begin()
    const first = await enqueue(one, queue, { payload: { n: 1 }, throttle: '60 s' })

    const other = enqueue(two, queue, { payload: { n: 2 }, throttle: '60 s' })
    await until(() => house.isBlocked(two))
    await one.commit()

    expect(await other).toBe(first)
    expect(await plan(house, queue)).toMatchObject([{ n: 2, later: 0 }])
  })

  test('while its job begins: the next one waits for its period', async ({ house, another }) => {
    const queue = await burstQueue(house)
    await enqueue(house, queue, { payload: { n: 1 }, throttle: '60 s' })
    const [dispatch, user] = [await another(), await another()]
    await house.workers(queue, 1)
    await dispatch.begin()
    await dispatch.update('queue', queue, { paused: false })
    await dispatch.processJobs(queue)

    const next = enqueue(user, queue, { payload: { n: 2 }, throttle: '60 s' })
    await until(() => house.isBlocked(user))
    await dispatch.commit()
    await next

    expect(await plan(house, queue)).toMatchObject([
      { status: 'in_progress', n: 1 },
      { status: 'pending', n: 2, later: 60 },
    ])
  })

  test('under an older snapshot is refused, and named', async ({ house, another }) => {
    const queue = await burstQueue(house)
    await enqueue(house, queue, { throttle: '60 s' })
    const other = await another()
    await house.begin('repeatable read')
    await house.db.query('select 1 from supaqueue.queue')
    await enqueue(other, queue, { throttle: '60 s' })

    expect(await refusal(enqueue(house, queue, { throttle: '60 s' }))).toMatchObject({
      code: 'SQ409',
      message: expect.stringContaining('another transaction'),
    })
    await house.rollback()
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
  ])('%s', async ([, given], { house }) => {
    const queue = await burstQueue(house)

    expect(await refusal(enqueue(house, queue, given))).toMatchObject({ code: 'SQ422', hint: expect.any(String) })
    expect(await plan(house, queue)).toEqual([])
  })

  test('in a queue that keeps its keys longer, which is told what to change', async ({ house }) => {
    const queue = await house.queue({ name: `q-${randomUUID()}` })

    expect(await refusal(enqueue(house, queue, { debounce: '1 s' }))).toMatchObject({
      code: 'SQ409',
      hint: expect.stringContaining("dedupe_until = 'begun'"),
    })
  })
})

describe('many at once', () => {
  const many = (house: House, queue: string, jobs: unknown[], more: Record<string, unknown>) =>
    rowsOf(house, 'enqueue_many', { queue, jobs, ...more })

  test('become one job of each key, with the last payload of each', async ({ house }) => {
    await house.begin()
    const queue = await burstQueue(house)
    const job = await enqueue(house, queue, { payload: { n: 1 }, debounce: '20 s' })
    await pass(house, queue, '15 s')

    const rows = await many(
      house,
      queue,
      [{ dedupe_key: 'new', payload: { n: 2 } }, { dedupe_key: 'k', payload: { n: 4 } }, {
        dedupe_key: 'k',
        payload: { n: 3 },
      }],
      { debounce: '20 s' },
    )

    expect(rows).toMatchObject([{ enqueued: true }, { id: job, enqueued: true }, { id: job, enqueued: true }])
    expect(await plan(house, queue)).toMatchObject([{ id: job, n: 3, due: 20 }, { id: rows[0].id, n: 2, due: 20 }])
    await house.rollback()
  })

  test('run no later than max_wait after the first', async ({ house }) => {
    await house.begin()
    const queue = await burstQueue(house)
    await many(house, queue, [{ dedupe_key: 'k' }], { debounce: '20 s', max_wait: '30 s' })
    await pass(house, queue, '15 s')

    await many(house, queue, [{ dedupe_key: 'k' }], { debounce: '20 s', max_wait: '30 s' })

    expect(await plan(house, queue)).toMatchObject([{ due: 15 }])
    await house.rollback()
  })

  test('are throttled: the first of each key at once, then one per period', async ({ house }) => {
    await house.begin()
    const queue = await burstQueue(house)
    await many(house, queue, [{ dedupe_key: 'a' }, { dedupe_key: 'b' }], { throttle: '1 min' })
    expect(await plan(house, queue)).toMatchObject([{ due: 0 }, { due: 0 }])
    await begin(house, queue)

    await many(house, queue, [{ dedupe_key: 'a', payload: { n: 5 } }], { throttle: '1 min' })

    expect((await plan(house, queue)).at(-1)).toMatchObject({ n: 5, due: 60 })
    await house.rollback()
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
  ])('are all refused: %s', async ([, jobs, more, message], { house }) => {
    const queue = await burstQueue(house)

    expect(await refusal(many(house, queue, jobs, more))).toMatchObject({
      code: 'SQ422',
      message: expect.stringContaining(message),
      hint: expect.stringContaining('Nothing was changed'),
    })
    expect(await plan(house, queue)).toEqual([])
  })
})
