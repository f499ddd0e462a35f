import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

type Wanted = Record<string, unknown>
type Way = { debounce?: string; max_wait?: string; throttle?: string }

/** A queue that begins nothing by itself, whose keys are free once their job begins. */
async function burstQueue(harness: Harness) {
  const queue = await harness.queue({ paused: true })
  await harness.update('queue', queue, { dedupe_until: 'begun' })
  return queue
}

const enqueueMany = async (harness: Harness, queue: string, jobs: Wanted[], way: Way): Promise<{ id: number }[]> =>
  (await harness.db.query(
    `select id from unnest(supaqueue.enqueue_many($1, $2, debounce => $3, max_wait => $4, throttle => $5))`,
    [queue, JSON.stringify(jobs), way.debounce, way.max_wait, way.throttle],
  )).rows

/** As enqueue_many does it where nothing can be done at once. */
async function oneByOne(harness: Harness, queue: string, jobs: Wanted[], way: Way) {
  // Keys of one letter and one digit: their order is the same everywhere.
  const order = jobs.map((job, place) => ({ job, place, key: String(job.dedupe_key) }))
    .sort((one, other) => one.key.localeCompare(other.key) || one.place - other.place)
  const { rows: [batch] } = await harness.db.query('insert into supaqueue.batch (queue) values ($1) returning id', [
    queue,
  ])
  const ids: { id: number }[] = []
  for (const { job, place } of order) {
    const { rows: [row] } = await harness.db.query(
      `select (supaqueue_internal.insert_in_burst(
         jsonb_populate_record(null::supaqueue.job, $2::jsonb || jsonb_build_object('queue', $1::uuid, 'status', 'pending', 'batch', $7::uuid, 'batch_index', $6::integer)),
         $3, $4, $5
       )).id`,
      [queue, JSON.stringify(job), way.debounce, way.max_wait, way.throttle, place, batch.id],
    )
    ids[place] = row
  }
  return ids
}

/** All that is left of them, but for what is new with every job: its id, its batch, and when the statement was. */
async function left(harness: Harness, queue: string) {
  const { rows } = await harness.db.query(
    `select
       to_jsonb(job) - array['id', 'queue', 'batch', 'created_at', 'updated_at', 'run_at'] || jsonb_build_object(
         'due', run_at - now(), 'age', now() - created_at,
         'free', (select free_at - now() from supaqueue.throttled_key where throttled_key.queue = job.queue and key = coalesce(dedupe_key, begun_key))
       ) as job
     from supaqueue.job where queue = $1
     order by coalesce(dedupe_key, begun_key), status`,
    [queue],
  )
  const { rows: keys } = await harness.db.query(
    'select key, free_at - now() as free from supaqueue.throttled_key where queue = $1 order by key',
    [queue],
  )
  return { jobs: rows.map(({ job }) => job), keys }
}

/** Numbers from 0 on below `most`, always the same ones for a seed. */
function dice(seed: number) {
  let state = seed * 2654435761 % 4294967296
  return (most: number) => {
    state = (state * 1664525 + 1013904223) % 4294967296
    return Math.floor(state / 4294967296 * most)
  }
}

/** What is there before: jobs that wait, are held, were tried, were enqueued long ago; keys whose period is not over. */
async function before(harness: Harness, queue: string, seed: number) {
  const roll = dice(seed)
  for (let key = 0; key < 6; key++) {
    const kind = roll(5)
    if (kind === 0) continue
    await harness.db.query(
      `insert into supaqueue.job (queue, dedupe_key, payload, run_at, status, priority, max_attempts)
       values ($1, $2, '{"n": -1}', now() + $3 * interval '1 second', case when $4 then 'held'::supaqueue.job_status else 'pending' end, $5, 7)`,
      [queue, `k${key}`, roll(200) - 100, kind === 1, roll(3)],
    )
    await harness.db.query(
      `update supaqueue.job set created_at = now() - $3 * interval '1 second', attempts = $4, deferrals = 1, progress_percent = 5
       where queue = $1 and dedupe_key = $2`,
      [queue, `k${key}`, roll(100), roll(3)],
    )
    if (kind > 2) {
      await harness.db.query(
        `insert into supaqueue.throttled_key (queue, key, free_at) values ($1, $2, now() + $3 * interval '1 second')`,
        [queue, `k${key}`, roll(200) - 100],
      )
    }
  }
  // Throttled, and its job has begun or ended.
  await harness.db.query(
    `insert into supaqueue.throttled_key (queue, key, free_at) values ($1, 'k6', now() + interval '30 s'), ($1, 'k7', now() - interval '30 s')`,
    [queue],
  )
}

function bulk(seed: number): Wanted[] {
  const roll = dice(seed + 1000)
  return Array.from({ length: 1 + roll(20) }, (_, n) => ({
    payload: { n },
    dedupe_key: `k${roll(10)}`,
    ...(roll(6) === 0 && { priority: roll(5) }),
    ...(roll(8) === 0 && { timeout_ms: 5000, max_attempts: 2 }),
    ...(roll(8) === 0 && { concurrency_key: `c${roll(2)}` }),
  }))
}

const ways: Way[] = [{ debounce: '20 s' }, { debounce: '20 s', max_wait: '50 s' }, { throttle: '1 min' }]

describe('insert_bursts', () => {
  test.for(ways.flatMap((way) => Array.from({ length: 12 }, (_, seed) => ({ seed, ...way }))))(
    'leaves what comes of them one by one: %o',
    async ({ seed, ...way }, { harness }) => {
      await harness.begin()
      const [atOnce, apart] = [await burstQueue(harness), await burstQueue(harness)]
      await before(harness, atOnce, seed)
      await before(harness, apart, seed)
      const jobs = bulk(seed)

      const ids = await enqueueMany(harness, atOnce, jobs, way)
      const others = await oneByOne(harness, apart, jobs, way)

      expect(await left(harness, atOnce)).toEqual(await left(harness, apart))
      // The same jobs are one.
      const places = (all: { id: number }[]) => all.map(({ id }) => all.findIndex((one) => one.id === id))
      expect(places(ids)).toEqual(places(others))
      await harness.rollback()
    },
  )

  test.for([
    ['without a key', { payload: {} }],
    ['with a time', { payload: {}, dedupe_key: 'c', delay: '1 s' }],
    ['held', { payload: {}, dedupe_key: 'c', held: true }],
    ['with a method that is none', { payload: {}, dedupe_key: 'c', url: 'https://example.com/a', method: 'GO AWAY' }],
  ])('says which job it is that is refused: one %s', async ([, wrong], { harness }) => {
    const queue = await burstQueue(harness)
    const jobs = [{ payload: {}, dedupe_key: 'a' }, wrong as Wanted, { payload: {}, dedupe_key: 'd' }]

    for (const way of ways) {
      const error = await refusal(enqueueMany(harness, queue, jobs, way))
      expect(error).toMatchObject({ code: 'SQ422', message: expect.stringMatching(/^jobs\[1\]: /) })
    }
    expect(await left(harness, queue)).toEqual({ jobs: [], keys: [] })
  })

  test('reads no more for a hundred with 5,000 that wait beside them', async ({ harness }) => {
    for (const way of ways) {
      const queue = await burstQueue(harness)
      const keyed = (from: number, to: number) =>
        Array.from({ length: to - from }, (_, n) => ({ payload: {}, dedupe_key: `k${from + n}` }))
      const sql = `select supaqueue.enqueue_many($1, $2, debounce => $3, max_wait => $4, throttle => $5)`
      const pages = () =>
        harness.pagesRead(sql, [queue, JSON.stringify(keyed(0, 100)), way.debounce, way.max_wait, way.throttle])
      await pages()
      const few = await pages()
      await enqueueMany(harness, queue, keyed(100, 5100), way)

      expect(await pages()).toBeLessThan(few * 1.5)
    }
  })
})
