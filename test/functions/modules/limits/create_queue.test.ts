import { beforeEach, describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

beforeEach<{ house: House }>(async ({ house }) => {
  await house.db.query('delete from supaqueue.queue')
})

const create = async (house: House, args: string): Promise<string> =>
  (await house.db.query(`select supaqueue.create_queue(${args}) as id`)).rows[0].id

/** The queue, its workers and its limit; xmin tells whether a row was written. */
const seen = async (house: House, id: string) =>
  (await house.db.query(
    `select to_jsonb(queue) - 'created_at' as queue, queue.xmin::text as written,
       (select count(*)::integer from supaqueue.worker where worker.queue = queue.id) as workers,
       (select max_rps from supaqueue.rate_limit where rate_limit.name = queue.rate_limit) as max_rps,
       (select rate_limit.xmin::text from supaqueue.rate_limit where rate_limit.name = queue.rate_limit) as limited
     from supaqueue.queue where id = $1`,
    [id],
  )).rows[0]

describe('create_queue', () => {
  test('makes a queue that can run: with a function, workers and a limit', async ({ house }) => {
    const id = await create(house, `'emails', 'send-email', workers => 5, max_rps => 10`)

    expect(await seen(house, id)).toMatchObject({
      queue: { name: 'emails', edge_function_name: 'send-email', url: null, max_attempts: 3, mode: 'push' },
      workers: 5,
      max_rps: 10,
    })
  })

  test('needs a name alone: the function is of that name, and there is one worker', async ({ house }) => {
    const id = await create(house, `'emails'`)

    expect(await seen(house, id)).toMatchObject({ queue: { edge_function_name: 'emails' }, workers: 1, max_rps: null })
  })

  test('called again with the same writes nothing', async ({ house }) => {
    const call =
      `'emails', 'send-email', workers => 5, max_rps => 10, timeout_ms => 5000, default_headers => '{"a": "b"}'`
    const id = await create(house, call)
    const before = await seen(house, id)

    expect(await create(house, call)).toBe(id)
    expect(await create(house, `'emails'`)).toBe(id)
    expect(await seen(house, id)).toEqual(before)
  })

  test('called again changes what is said anew, and leaves the rest', async ({ house }) => {
    const id = await create(house, `'emails', 'send-email', workers => 5, max_rps => 10, max_attempts => 7`)
    await create(
      house,
      `'emails', workers => 2, timeout_ms => 1000, per_key => 1, retry_base_ms => 90000, batch_size => 20, batch_wait_ms => 200, ordered => 'key', after_failure => 'continue'`,
    )

    expect(await seen(house, id)).toMatchObject({
      queue: {
        edge_function_name: 'send-email',
        max_attempts: 7,
        timeout_ms: 1000,
        per_key: 1,
        batch_size: 20,
        batch_wait_ms: 200,
        ordered: 'key',
        after_failure: 'continue',
        retry_base_ms: 90_000,
        retry_max_ms: 90_000,
      },
      workers: 2,
      max_rps: 10,
    })
  })

  test('goes from a function to a URL and back', async ({ house }) => {
    const id = await create(house, `'emails'`)
    await create(house, `'emails', url => 'https://example.com/mail'`)
    const url = (await seen(house, id)).queue
    await create(house, `'emails', 'send-email'`)

    expect(url).toMatchObject({ edge_function_name: null, url: 'https://example.com/mail' })
    expect((await seen(house, id)).queue).toMatchObject({ edge_function_name: 'send-email', url: null })
  })

  test('gives a queue that has none a worker, and takes all away where that is said', async ({ house }) => {
    const id = await house.queue({ name: 'emails' })
    await create(house, `'emails'`)
    const given = (await seen(house, id)).workers
    await create(house, `'emails', workers => 0`)

    expect([given, (await seen(house, id)).workers]).toEqual([1, 0])
  })

  test('at once by many makes one queue, and nobody fails', async ({ house, another }) => {
    const others = await Promise.all([1, 2, 3].map(() => another()))
    const ids = await Promise.all(
      others.map(async ({ db }, index) =>
        (await db.query(`select supaqueue.create_queue('emails', workers => $1::integer) as id`, [index + 1])).rows[0]
          .id
      ),
    )

    expect(new Set(ids).size).toBe(1)
    expect([1, 2, 3]).toContain((await seen(house, ids[0])).workers)
  })

  test.for([
    [`null`, 'SQ422'],
    [`''`, 'SQ422'],
    [`'emails', 'send-email', url => 'https://example.com'`, 'SQ422'],
    [`'emails', workers => -1`, 'SQ422'],
    [`'emails', max_rps => 0`, 'SQ422'],
    [`'e mails'`, '23514'],
    [`'emails', mode => 'shove'`, '23514'],
  ])('refuses %s, and leaves no queue', async ([args, code], { house }) => {
    expect(await refusal(house.db.query(`select supaqueue.create_queue(${args})`))).toMatchObject({ code })
    expect((await house.db.query('select from supaqueue.queue')).rowCount).toBe(0)
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
