import { beforeEach, describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

beforeEach<{ harness: Harness }>(async ({ harness }) => {
  await harness.db.query('delete from supaqueue.queue')
})

const create = async (harness: Harness, args: string): Promise<string> =>
  (await harness.db.query(`select supaqueue.create_queue(${args}) as id`)).rows[0].id

/** The queue, its workers and its limit; xmin tells whether a row was written. */
const seen = async (harness: Harness, id: string) =>
  (await harness.db.query(
    `select to_jsonb(queue) - 'created_at' as queue, queue.xmin::text as written,
       (select count(*)::integer from supaqueue.worker where worker.queue = queue.id) as workers,
       (select max_rps from supaqueue.rate_limit where rate_limit.name = queue.rate_limit) as max_rps,
       (select rate_limit.xmin::text from supaqueue.rate_limit where rate_limit.name = queue.rate_limit) as limited
     from supaqueue.queue where id = $1`,
    [id],
  )).rows[0]

describe('create_queue', () => {
  test('makes a queue that can run: with a function, workers and a limit', async ({ harness }) => {
    const id = await create(harness, `'emails', 'send-email', workers => 5, max_rps => 10`)

    expect(await seen(harness, id)).toMatchObject({
      queue: { name: 'emails', edge_function_name: 'send-email', url: null, max_attempts: 3, mode: 'push' },
      workers: 5,
      max_rps: 10,
    })
  })

  test('needs a name alone: the function is of that name, and there is one worker', async ({ harness }) => {
    const id = await create(harness, `'emails'`)

    expect(await seen(harness, id)).toMatchObject({
      queue: { edge_function_name: 'emails' },
      workers: 1,
      max_rps: null,
    })
  })

  test('called again with the same writes nothing', async ({ harness }) => {
    const call =
      `'emails', 'send-email', workers => 5, max_rps => 10, timeout_ms => 5000, default_headers => '{"a": "b"}'`
    const id = await create(harness, call)
    const before = await seen(harness, id)

    expect(await create(harness, call)).toBe(id)
    expect(await create(harness, `'emails'`)).toBe(id)
    expect(await seen(harness, id)).toEqual(before)
  })

  test('called again changes what is said anew, and leaves the rest', async ({ harness }) => {
    const id = await create(harness, `'emails', 'send-email', workers => 5, max_rps => 10, max_attempts => 7`)
    await create(
      harness,
      `'emails', workers => 2, timeout_ms => 1000, per_key => 1, retry_base_ms => 90000, batch_size => 20, batch_wait_ms => 200, ordered => 'key', after_failure => 'continue', batch_counts => 'calls', dedupe_until => 'begun'`,
    )

    expect(await seen(harness, id)).toMatchObject({
      queue: {
        edge_function_name: 'send-email',
        max_attempts: 7,
        timeout_ms: 1000,
        per_key: 1,
        batch_size: 20,
        batch_wait_ms: 200,
        ordered: 'key',
        after_failure: 'continue',
        batch_counts: 'calls',
        dedupe_until: 'begun',
        retry_base_ms: 90_000,
        retry_max_ms: 90_000,
      },
      workers: 2,
      max_rps: 10,
    })
  })

  test('says which jobs go together', async ({ harness }) => {
    const id = await create(harness, `'emails', batch_size => 20, batch_by => 'key'`)

    expect((await seen(harness, id)).queue).toMatchObject({ batch_size: 20, batch_by: 'key' })
  })

  test('goes from a function to a URL and back', async ({ harness }) => {
    const id = await create(harness, `'emails'`)
    await create(harness, `'emails', url => 'https://example.com/mail'`)
    const url = (await seen(harness, id)).queue
    await create(harness, `'emails', 'send-email'`)

    expect(url).toMatchObject({ edge_function_name: null, url: 'https://example.com/mail' })
    expect((await seen(harness, id)).queue).toMatchObject({ edge_function_name: 'send-email', url: null })
  })

  test('gives a queue that has none a worker, and takes all away where that is said', async ({ harness }) => {
    const id = await harness.queue({ name: 'emails' })
    await create(harness, `'emails'`)
    const given = (await seen(harness, id)).workers
    await create(harness, `'emails', workers => 0`)

    expect([given, (await seen(harness, id)).workers]).toEqual([1, 0])
  })

  test('at once by many makes one queue, and nobody fails', async ({ harness, another }) => {
    const others = await Promise.all([1, 2, 3].map(() => another()))
    const ids = await Promise.all(
      others.map(async ({ db }, index) =>
        (await db.query(`select supaqueue.create_queue('emails', workers => $1::integer) as id`, [index + 1])).rows[0]
          .id
      ),
    )

    expect(new Set(ids).size).toBe(1)
    expect([1, 2, 3]).toContain((await seen(harness, ids[0])).workers)
  })

  test.for([
    [`null`, 'SQ422'],
    [`''`, 'SQ422'],
    [`'emails', 'send-email', url => 'https://example.com'`, 'SQ422'],
    [`'emails', workers => -1`, 'SQ422'],
    [`'emails', max_rps => 0`, 'SQ422'],
    [`'e mails'`, '23514'],
    [`'emails', mode => 'shove'`, '23514'],
  ])('refuses %s, and leaves no queue', async ([args, code], { harness }) => {
    expect(await refusal(harness.db.query(`select supaqueue.create_queue(${args})`))).toMatchObject({ code })
    expect((await harness.db.query('select from supaqueue.queue')).rowCount).toBe(0)
  })

  test('is closed to end users', async ({ another }) => {
    const admin = await another('admin')
    for (const role of ['anon', 'authenticated']) {
      await admin.db.query(`set role ${role}`)
      expect(await refusal(admin.db.query(`select supaqueue.create_queue('emails')`))).toMatchObject({ code: '42501' })
      await admin.db.query('reset role')
    }
  })
})
