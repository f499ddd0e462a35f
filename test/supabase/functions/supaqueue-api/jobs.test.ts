import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Door, openDoor } from './support/door.ts'

let door: Door

beforeAll(async () => {
  door = await openDoor()
})
afterAll(() => door?.close())

const makeQueue = async (): Promise<string> => {
  const name = `queue ${randomUUID()}/ä`
  await door.db.query(`insert into supaqueue.queue (name, edge_function_name) values ($1, 'hello')`, [name])
  return name
}

describe('jobs', () => {
  test('are enqueued, shown, explained, cancelled and begun anew', async () => {
    const queue = await makeQueue()

    const { status, body: { id } } = await door.send('/jobs', { body: { queue, payload: { n: 1 }, priority: 3 } })

    expect(status).toBe(201)
    expect((await door.send(`/jobs/${id}`)).body).toMatchObject({
      id,
      queue,
      status: 'pending',
      payload: { n: 1 },
      history: [],
    })
    expect((await door.send(`/jobs/${id}/explain`)).body).toMatchObject({
      job: id,
      status: 'pending',
      text: expect.any(String),
    })
    expect((await door.send(`/jobs/${id}/cancel`, { method: 'POST' })).body).toEqual({ id, status: 'cancelled' })
    expect((await door.send(`/jobs/${id}/cancel`, { method: 'POST' })).body).toEqual({ id, status: 'cancelled' })
    expect((await door.send(`/jobs/${id}/retry`, { method: 'POST' })).body).toEqual({ id, status: 'pending' })
    expect((await door.send(`/jobs/${id}/retry`, { method: 'POST' })).body).toMatchObject({
      status: 409,
      code: 'SQ409',
    })
    expect((await door.send(`/jobs/${id}/run-now`, { method: 'POST' })).status).toBe(200)
  })

  test('come from clients that leave no field out: null is the same as not there', async () => {
    const queue = await makeQueue()
    const empty = {
      priority: null,
      run_at: null,
      delay_ms: null,
      dedupe_key: null,
      headers: null,
      version: null,
      max_attempts: null,
      timeout_ms: null,
      concurrency_key: null,
      held: null,
    }
    const burst = { debounce_ms: null, max_wait_ms: null, throttle_ms: null, on_conflict: null }
    const ofBatch = { url: null, method: null, query: null, retry_base_ms: null, retry_max_ms: null }

    const one = await door.send('/jobs', { body: { queue, payload: { n: 1 }, depends_on: null, ...empty, ...burst } })
    const many = await door.send('/batches', {
      body: { queue, label: null, ...burst, jobs: [{ payload: { n: 2 }, ...empty, ...ofBatch }] },
    })

    const others = await Promise.all([
      door.send(`/topics/none`, {
        body: { payload: {}, dedupe_key: null, concurrency_key: null, priority: null, delay_ms: null },
      }),
      door.send(`/jobs/${one.body.id}/signal`, { body: { name: 'paid', idempotency_key: null } }),
      door.send(`/queues/${encodeURIComponent(queue)}/subscribe`, { body: { pattern: 'a.*', filter: null } }),
      door.send('/dlq/reprocess', { body: { task_type: queue, task_id: null } }),
    ])
    const paused = await door.send(`/queues/${encodeURIComponent(queue)}/pause`, {
      body: { until: null, reason: null },
    })

    expect([one.status, many.status]).toEqual([201, 201])
    const nothing = await door.send('/dlq/reprocess', { body: { task_type: null, task_id: null } })

    expect(nothing.status).toBe(422)
    expect([...others, paused].map(({ status }) => status)).toEqual([201, 201, 200, 200, 200])
    const { rows } = await door.db.query(
      `select payload, status, priority, run_at <= now() as due, num_nonnulls(dedupe_key, headers, version, max_attempts,
         timeout_ms, concurrency_key, url, method, query, retry_base_ms, retry_max_ms) as own
       from supaqueue.job where id in ($1, $2) order by id`,
      [one.body.id, many.body.jobs[0].id],
    )
    expect(rows).toEqual([1, 2].map((n) => ({ payload: { n }, status: 'pending', priority: 0, due: true, own: 0 })))
  })

  test('are refused in the words of a trigger of the user, and nobody is told to send them again', async () => {
    const queue = await makeQueue()
    const owner = await door.owner()
    await owner.query(`
      create function public.veto() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$ begin
        raise exception using errcode = coalesce(new.payload ->> 'veto', 'P0001'), message = 'closed today';
      end $$;
      create trigger veto before insert on supaqueue.job for each row
        when (new.payload ? 'veto') execute function public.veto()`)
    try {
      const send = (veto: string) => door.send('/jobs', { body: { queue, payload: { veto } } })

      for (const code of ['P0001', 'PT402', '42501']) {
        expect(await send(code)).toMatchObject({ status: 422, body: { code: 'SQ422', detail: 'closed today' } })
      }
      for (const code of ['P0002', '38000', '42P01']) {
        expect(await send(code)).toMatchObject({ status: 500, body: { code: 'SQ500', detail: 'closed today' } })
      }
      expect(await send('55P03')).toMatchObject({ status: 503, body: { code: 'SQ503' } })
    } finally {
      await owner.query('drop function public.veto cascade')
    }
  })

  test('are sent signals, by their id and by a key, each once by its idempotency key', async () => {
    const queue = await makeQueue()
    const { body: { id: job } } = await door.send('/jobs', { body: { queue } })
    const key = randomUUID()
    const signal = { name: 'approval', payload: { by: 'Ada' }, idempotency_key: 'evt_1' }

    const first = await door.send(`/jobs/${job}/signal`, { body: signal })
    const again = await door.send(`/jobs/${job}/signal`, { body: signal })
    const keyed = await door.send('/signals', { body: { key, name: 'paid' } })

    expect(first).toMatchObject({ status: 201, body: { id: expect.any(Number) } })
    expect(again.body).toEqual(first.body)
    expect(keyed.status).toBe(201)
    const { rows } = await door.db.query(
      'select id, job, key, name, payload from supaqueue.signal where job = $1 or key = $2 order by id',
      [job, key],
    )
    expect(rows).toEqual([
      { id: first.body.id, job, key: null, name: 'approval', payload: { by: 'Ada' } },
      { id: keyed.body.id, job: null, key, name: 'paid', payload: null },
    ])
    await door.send(`/jobs/${job}/cancel`, { method: 'POST' })
    expect((await door.send(`/jobs/${job}/signal`, { body: { name: 'late' } })).body).toMatchObject({ code: 'SQ409' })
    expect((await door.send('/signals', { body: { name: 'to nobody' } })).status).toBe(422)
  })

  test('are listed page by page', async () => {
    const queue = await makeQueue()
    const ids = []
    for (let i = 0; i < 3; i++) ids.push((await door.send('/jobs', { body: { queue } })).body.id)

    const first = await door.send(`/jobs?queue=${encodeURIComponent(queue)}&limit=2&status=pending`)
    const second = await door.send(`/jobs?queue=${encodeURIComponent(queue)}&limit=2&before=${first.body.next}`)

    expect(first.body.jobs.map(({ id }: { id: number }) => id)).toEqual([ids[2], ids[1]])
    expect(second.body.jobs.map(({ id }: { id: number }) => id)).toEqual([ids[0]])
  })

  test.for(
    [
      ['both run_at and delay_ms', { run_at: '2099-01-01T00:00:00Z', delay_ms: 5 }, 'body'],
      ['a field that is not known', { prority: 3 }, 'body'],
      ['a time that is none', { run_at: 'tomorrow' }, 'body.run_at'],
      ['a priority that no column holds', { priority: 2 ** 31 }, 'body.priority'],
    ] as const,
  )('refuses %s', async ([, wrong, path]) => {
    const { body } = await door.send('/jobs', { body: { queue: await makeQueue(), ...wrong } })

    expect(body).toMatchObject({ status: 422, errors: [{ path }] })
  })

  test.for(['0', '-1', '1.5', 'x', '99999999999999999999'])('refuse %s as an id', async (id) => {
    expect((await door.send(`/jobs/${id}`)).body).toMatchObject({
      status: 422,
      errors: expect.arrayContaining([{ path: 'path.id', message: expect.any(String) }]),
    })
  })
})

describe('batches', () => {
  test('are enqueued all or none, and counted by status', async () => {
    const queue = await makeQueue()

    const { status, body: { batch, jobs } } = await door.send('/batches', {
      body: { queue, label: 'b', jobs: [{}, { payload: 2 }] },
    })

    expect([status, jobs.length]).toEqual([201, 2])
    expect((await door.send(`/batches/${batch}`)).body).toMatchObject({
      queue,
      label: 'b',
      jobs: { pending: 2, failed: 0 },
    })
    expect((await door.send(`/jobs?batch=${batch}`)).body.jobs).toHaveLength(2)
  })
})

describe('queues', () => {
  test('are subscribed to topics, get what is published, and end it', async () => {
    const path = `/queues/${encodeURIComponent(await makeQueue())}`
    const topic = randomUUID()
    const body = { pattern: `${topic}.*`, filter: { country: 'de' } }

    expect(await door.send(`${path}/subscribe`, { body })).toMatchObject({
      status: 200,
      body: { subscriptions: [body] },
    })
    expect((await door.send(`/topics/${topic}.paid`, { body: { payload: { country: 'fr' } } })).body.ids).toEqual([])
    const published = await door.send(`/topics/${topic}.paid`, { body: { payload: { country: 'de' } } })
    expect(published).toMatchObject({ status: 201, body: { ids: [expect.any(Number)] } })
    expect((await door.send(`/jobs/${published.body.ids[0]}/explain`)).body.text).toContain(`${topic}.paid`)
    expect((await door.send(`${path}/subscribe`, { body: { pattern: 'a..b' } })).body).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('order.*'),
    })
    expect((await door.send(`${path}/unsubscribe`, { body: {} })).status).toBe(422)
    expect((await door.send(`${path}/unsubscribe`, { body: { pattern: null } })).body).toEqual({ subscriptions: [] })
    expect((await door.send(`${path}/subscriptions`)).body).toEqual({ subscriptions: [] })
    expect((await door.send('/queues/nobody/subscriptions')).body).toMatchObject({ code: 'SQ404' })
  })

  test('are listed, changed, paused and resumed', async () => {
    const name = await makeQueue()
    const path = `/queues/${encodeURIComponent(name)}`

    expect((await door.send('/queues?limit=100')).body.queues.map((queue: { name: string }) => queue.name)).toContain(
      name,
    )
    expect((await door.send(path, { method: 'PATCH', body: { workers: 3, max_rps: 2.5 } })).body)
      .toMatchObject({ name, workers: 3, max_rps: 2.5 })
    expect((await door.send(`${path}/pause`, { body: { reason: 'night' } })).body).toMatchObject({ paused: true })
    expect((await door.send(`${path}/pause`, { method: 'POST' })).body).toMatchObject({
      paused: true,
      paused_reason: null,
    })
    expect((await door.send(`${path}/resume`, { method: 'POST' })).body).toMatchObject({ paused: false })
    expect((await door.send(path)).body).toMatchObject({ name, paused: false, settings: { max_attempts: 3 } })
  })

  test('refuse a target and headers: who may set these has any secret sent anywhere', async () => {
    const path = `/queues/${encodeURIComponent(await makeQueue())}`

    for (const body of [{ url: 'https://evil.example.com' }, { default_headers: { a: 'vault:x' } }]) {
      expect((await door.send(path, { method: 'PATCH', body })).status).toBe(422)
    }
  })

  test('have their failures grouped by what they have in common', async () => {
    const queue = await makeQueue()
    const { body: { id } } = await door.send('/jobs', { body: { queue } })
    await door.db.query(`update supaqueue.job set status = 'failed', error = 'HTTP 500: no' where id = $1`, [id])

    expect((await door.send(`/failures?queue=${encodeURIComponent(queue)}`)).body)
      .toMatchObject({ failures: [{ jobs: 1, example_job: id, example_error: 'HTTP 500: no' }] })
  })
})
