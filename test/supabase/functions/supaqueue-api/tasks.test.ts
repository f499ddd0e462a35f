import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Door, openDoor } from './support/door.ts'

let door: Door

beforeAll(async () => {
  door = await openDoor()
})
afterAll(() => door?.close())

/** The sample request of pgmq-taskq: a batch of three payloads, the last with an api_override. */
const sample = (task_type: string = randomUUID()) => ({
  item_id: 'item-1',
  task_type,
  max_retries: 3,
  retry_delay: 1000,
  url: 'https://api.example.com/v1/items',
  method: 'POST',
  headers: { 'Content-Type': 'application/json', Authorization: 'Bearer theirs' },
  payloads: [
    { data: { name: 'first' } },
    { data: { name: 'second' } },
    {
      data: { name: 'third' },
      api_override: { url: 'https://api.other.example.com/v2', headers: { Authorization: 'Bearer other' } },
    },
  ],
})

/** Ends a message as a dispatcher would have. */
const end = (message: number, status: string, attempts: number, error: string | null = null) =>
  door.db.query('update supaqueue.job set status = $2, attempts = $3, error = $4 where id = $1', [
    message,
    status,
    attempts,
    error,
  ])

describe('POST /tasks', () => {
  test('T5, T15: answers 201 with the id of the task and those of its messages, in the order of the payloads', async () => {
    const { status, headers, body } = await door.send('/tasks', { body: sample() })

    expect(status).toBe(201)
    expect(headers.get('content-type')).toBe('application/json')
    expect(body).toEqual({
      task_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      message_ids: [expect.any(Number), expect.any(Number), expect.any(Number)],
    })
    const { rows } = await door.db.query(
      'select id, payload from supaqueue.job where batch = $1 order by batch_index',
      [
        body.task_id,
      ],
    )
    expect(rows.map(({ id }) => id)).toEqual(body.message_ids)
    expect(rows.map(({ payload }) => payload.name)).toEqual(['first', 'second', 'third'])
  })

  test('T12, T14: the fields of the batch and the api_override of a payload are what the calls are made of', async () => {
    const { body } = await door.send('/tasks', { body: { ...sample(), timeout: 700, max_rps: 2 } })

    const { rows } = await door.db.query(
      `select url, method, headers, max_attempts, retry_base_ms, timeout_ms,
         extract(epoch from run_at - first_value(run_at) over (order by batch_index)) * 1000 as after
       from supaqueue.job where batch = $1 order by batch_index`,
      [body.task_id],
    )
    const shared = { method: 'POST', max_attempts: 4, retry_base_ms: 1000, timeout_ms: 700 }
    const headers = (value: string) => ({ 'Content-Type': 'application/json', Authorization: value })
    expect(rows.map(({ after, ...row }) => ({ ...row, after: Number(after) }))).toEqual([
      { ...shared, url: 'https://api.example.com/v1/items', headers: headers('Bearer theirs'), after: 0 },
      { ...shared, url: 'https://api.example.com/v1/items', headers: headers('Bearer theirs'), after: 500 },
      { ...shared, url: 'https://api.other.example.com/v2', headers: headers('Bearer other'), after: 1000 },
    ])
  })

  test('takes null, zero and empty as Go clients send them: as not there', async () => {
    const task_type = randomUUID()
    const { status, body } = await door.send('/tasks', {
      body: {
        item_id: null,
        task_type,
        max_retries: null,
        retry_delay: null,
        timeout: 0,
        max_rps: 0,
        url: 'https://api.example.com/v1',
        method: '',
        headers: null,
        payloads: [
          { data: null, api_override: null },
          { data: {}, api_override: { url: '', headers: null } },
          { data: {}, api_override: { url: null } },
        ],
      },
    })

    expect([status, body.message_ids?.length]).toEqual([201, 3])
    const { rows } = await door.db.query(
      'select distinct url, method, headers, timeout_ms, max_attempts from supaqueue.job where batch = $1',
      [body.task_id],
    )
    const none = { method: null, headers: null, timeout_ms: null, max_attempts: null }
    expect(rows).toEqual([{ url: 'https://api.example.com/v1', ...none }])
  })

  test.for([undefined, null, ''])('refuses a payload that leads nowhere: url %j', async (url) => {
    const task_type = randomUUID()
    const { status, body } = await door.send('/tasks', { body: { task_type, url, payloads: [{ data: {} }] } })

    expect(status).toBe(422)
    expect(body.detail).toContain('payloads[0] has no url')
    const { rows } = await door.db.query('select from supaqueue.queue where name = $1', [task_type])
    expect(rows).toEqual([])
  })

  test('calls more than a hundred hosts: a turn brings those of its jobs', async () => {
    const task_type = randomUUID()
    const payloads = Array.from(
      { length: 150 },
      (_, i) => ({ data: {}, api_override: { url: `https://${i}.example.com/` } }),
    )

    expect((await door.send('/tasks', { body: { task_type, payloads } })).status).toBe(201)

    const { rows: [queue] } = await door.db.query('select id from supaqueue.queue where name = $1', [task_type])
    const { rows: [turn] } = await door.db.query('select public.supaqueue_turn($1) as answer', [
      JSON.stringify({ run: randomUUID(), queue: queue.id, room: 5 }),
    ])
    const { jobs, queue: row } = turn.answer
    expect(row.allowed_hosts.toSorted()).toEqual(
      jobs.map(({ job }: { job: { url: string } }) => new URL(job.url).host).toSorted(),
    )
  })

  test.for(['POST', 'PATCH', 'PUT', 'DELETE'])('T13: takes the method %s', async (method) => {
    expect((await door.send('/tasks', { body: { ...sample(), method } })).status).toBe(201)
  })

  test('keeps every digit of a number', async () => {
    const body = JSON.stringify({ ...sample(), payloads: [] })
      .replace('"payloads":[]', '"payloads":[{"data":12345678901234567890.5}]')
    const { body: { message_ids: [message] } } = await door.send('/tasks', { body })

    const { rows } = await door.db.query('select payload::text from supaqueue.job where id = $1', [message])
    expect(rows).toEqual([{ payload: '12345678901234567890.5' }])
  })

  test.for(
    [
      ['no payloads', { payloads: [] }, 'body.payloads'],
      ['no task_type', { task_type: undefined }, 'body.task_type'],
      ['an url that is none', { url: 'ftp://example.com' }, 'body.url'],
      ['a method that is none', { method: 'FETCH' }, 'body.method'],
      ['retries below zero', { max_retries: -1 }, 'body.max_retries'],
      ['a rate below 0', { max_rps: -1 }, 'body.max_rps'],
      ['more payloads than a batch holds', { payloads: Array(1001).fill({ data: 1 }) }, 'body.payloads'],
      ['headers that are no texts', { headers: { a: 1 } }, 'body.headers.a'],
    ] as const,
  )('refuses %s, and says where', async ([, wrong, path]) => {
    const { status, headers, body } = await door.send('/tasks', { body: { ...sample(), ...wrong } })

    expect(status).toBe(422)
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(body).toMatchObject({
      type: 'about:blank',
      title: 'Unprocessable Content',
      status: 422,
      code: 'SQ422',
      hint: expect.any(String),
      errors: [{ path }],
    })
  })

  test.for(
    [
      ['a header that cannot be sent', { headers: { Host: 'x' } }],
      ['a NUL in a payload', { payloads: [{ data: 'a\0b' }] }],
      ['half of a surrogate pair', { payloads: [{ data: '\ud800' }] }],
    ] as const,
  )('refuses %s', async ([, wrong]) => {
    const { status, body } = await door.send('/tasks', { body: { ...sample(), ...wrong } })

    expect([status, body.code]).toEqual([422, 'SQ422'])
  })

  test.for(
    [
      ['no url', { url: undefined }, 'payloads[0] has no url'],
      ['an empty url, as Go clients send none', { url: '' }, 'payloads[0] has no url'],
      [
        'a payload without a url beside one that has it',
        { url: null, payloads: [{ data: 1, api_override: { url: 'https://example.com/one' } }, { data: 2 }] },
        'payloads[1] has no url',
      ],
    ] as const,
  )('refuses %s for a type without a target of its own, and takes nothing in', async ([, wrong, message]) => {
    const task_type = randomUUID()

    const { status, body } = await door.send('/tasks', { body: { ...sample(task_type), ...wrong } })

    expect([status, body.code]).toEqual([422, 'SQ422'])
    expect(body).toMatchObject({ detail: expect.stringContaining(message), hint: expect.any(String) })
    const { rows } = await door.db.query('select id from supaqueue.queue where name = $1', [task_type])
    expect(rows).toEqual([])
  })

  test('refuses a payload that its queue does not take', async () => {
    const task_type = randomUUID()
    await door.send('/tasks', { body: sample(task_type) })
    await door.db.query('update supaqueue.queue set payload_max_bytes = 20 where name = $1', [task_type])

    const { status, body } = await door.send('/tasks', {
      body: { ...sample(task_type), payloads: [{ data: 'x'.repeat(30) }] },
    })

    expect([status, body.code]).toEqual([413, 'SQ413'])
  })
})

describe('GET /tasks/{task_id}', () => {
  test('T6, T16, T17, T18: has a row per payload with the words of taskq', async () => {
    const task_type = randomUUID()
    const { body: { task_id, message_ids } } = await door.send('/tasks', { body: sample(task_type) })
    await end(message_ids[0], 'success', 1)
    await end(message_ids[2], 'failed', 4, 'no answer within 5000 ms')

    const { status, body } = await door.send(`/tasks/${task_id}`)

    expect(status).toBe(200)
    const row = {
      item_id: 'item-1',
      task_type,
      updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)$/),
    }
    expect(body).toEqual({
      task_id,
      statuses: [
        {
          ...row,
          message_id: message_ids[0],
          payload: { name: 'first' },
          status: 'success',
          error: '',
          attempt: 0,
          payload_id: 0,
        },
        {
          ...row,
          message_id: message_ids[1],
          payload: { name: 'second' },
          status: 'pending',
          error: '',
          attempt: 0,
          payload_id: 1,
        },
        {
          ...row,
          message_id: message_ids[2],
          payload: { name: 'third' },
          status: 'failed',
          error: 'timeout',
          attempt: 3,
          payload_id: 2,
        },
      ],
    })
  })

  test('is 404 for a task that is not there, and 422 for what is no id', async () => {
    expect((await door.send(`/tasks/${randomUUID()}`)).body).toMatchObject({ status: 404, code: 'SQ404' })
    expect((await door.send('/tasks/17')).body).toMatchObject({ status: 422, errors: [{ path: 'path.task_id' }] })
  })
})

describe('POST /dlq/reprocess', () => {
  test('T7, T19: enqueues failed messages of a type anew under new ids; their status is pending again', async () => {
    const task_type = randomUUID()
    const { body: { task_id, message_ids } } = await door.send('/tasks', { body: sample(task_type) })
    await end(message_ids[2], 'failed', 4, 'no answer within 5000 ms')

    const { status, body } = await door.send('/dlq/reprocess', { body: { task_type } })

    expect(status).toBe(200)
    expect(body).toEqual({ reprocessed_count: 1, message_ids: [expect.any(Number)] })
    expect(message_ids).not.toContain(body.message_ids[0])
    const { body: { statuses } } = await door.send(`/tasks/${task_id}`)
    expect(statuses[2]).toMatchObject({ message_id: body.message_ids[0], status: 'pending', attempt: 0, payload_id: 2 })
  })

  test('T7: takes a task in place of a type', async () => {
    const { body: { task_id, message_ids } } = await door.send('/tasks', { body: sample() })
    await end(message_ids[0], 'failed', 4)

    expect((await door.send('/dlq/reprocess', { body: { task_id } })).body.reprocessed_count).toBe(1)
    expect((await door.send('/dlq/reprocess', { body: { task_id } })).body).toEqual({
      reprocessed_count: 0,
      message_ids: [],
    })
  })

  test('refuses a request that names neither, and what is not there', async () => {
    expect((await door.send('/dlq/reprocess', { body: {} })).status).toBe(422)
    expect((await door.send('/dlq/reprocess', { body: { task_type: randomUUID() } })).status).toBe(404)
    expect((await door.send('/dlq/reprocess', { body: { task_id: randomUUID() } })).status).toBe(404)
  })
})

describe('task types', () => {
  test('T8, T9, T20: are inserted or updated with a rate that may be a fraction, and shown with four fields', async () => {
    const task_type = `type ${randomUUID()} ä/?`
    const made = await door.send('/task-types', { body: { task_type, max_rps: 10.0 } })
    const changed = await door.send('/task-types', { body: { task_type, max_rps: 0.5 } })
    const shown = await door.send(`/task-types/${encodeURIComponent(task_type)}`)

    expect(made.status).toBe(200)
    expect(made.body).toEqual({
      task_type,
      max_rps: 10,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    })
    expect(changed.body).toMatchObject({ max_rps: 0.5, created_at: made.body.created_at })
    expect(shown).toMatchObject({ status: 200, body: changed.body })
  })

  test('are 404 when they are not there', async () => {
    expect((await door.send('/task-types/nowhere')).body).toMatchObject({ status: 404, code: 'SQ404' })
  })
})
