import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { makeApi } from '../../../../supabase/functions/supaqueue-api/api.ts'
import { limits } from '../../../../supabase/functions/supaqueue-api/limits.ts'
import { type Door, openDoor } from './support/door.ts'

let door: Door

beforeAll(async () => {
  door = await openDoor()
})
afterEach(() => {
  Object.assign(door.faults, { refuse: undefined, delayMs: 0, loseAnswers: false })
})
afterAll(() => door?.close())

const task = (task_type: string = randomUUID()) => ({
  task_type,
  url: 'https://api.example.com/',
  payloads: [{ data: 1 }],
})

const jobs = async (queue: string): Promise<number> =>
  (await door.db.query(
    'select count(*) as jobs from supaqueue.job join supaqueue.queue on queue.id = job.queue where queue.name = $1',
    [queue],
  )).rows[0].jobs

describe('who may knock', () => {
  test('nobody without a key', async () => {
    const { status, headers, body } = await door.send('/task-types/x', { key: null })

    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toBe('Bearer')
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(body).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: expect.any(String),
      code: 'SQ401',
      hint: expect.stringContaining('create_api_key'),
    })
  })

  test.for(
    [
      ['the publishable key', () => door.keys.publishable],
      ['the legacy key of anon', () => door.keys.anon],
      ['a key that nobody made', () => `sqk_${'0'.repeat(64)}`],
      ['the secret key but for its last letter', () => door.keys.secret.slice(0, -1)],
    ] as const,
  )('nobody with %s', async ([, key]) => {
    expect((await door.send('/task-types/x', { key: key() })).status).toBe(401)
  })

  test('whoever has the project’s secret key, in either header, or the legacy one', async () => {
    for (const key of [door.keys.secret, door.keys.serviceRole]) {
      expect((await door.send('/task-types/x', { key })).status).toBe(404)
    }
    expect((await door.send('/task-types/x', { key: null, headers: { apikey: door.keys.secret } })).status).toBe(404)
  })

  test('whoever has an API key, beside a key that the platform wants', async () => {
    const key = await door.key(['read'])

    expect((await door.send('/task-types/x', { key })).status).toBe(404)
    expect((await door.send('/task-types/x', { key, headers: { apikey: door.keys.publishable } })).status).toBe(404)
  })

  test.for(
    [
      ['read', { path: '/task-types/x' }],
      ['enqueue', { path: '/tasks', body: task() }],
      ['control', { path: '/task-types', body: { task_type: 'y', max_rps: 1 } }],
      ['control', { path: '/dlq/reprocess', body: { task_type: 'x' } }],
      ['metrics', { path: '/metrics' }],
    ] as const,
  )('for %s only a key with that scope: %j', async ([scope, { path, ...request }]) => {
    const others = ['enqueue', 'read', 'control', 'metrics'].filter((other) => other !== scope)

    const refused = await door.send(path, { ...request, key: await door.key(others) })

    expect(refused.body).toMatchObject({ status: 403, code: 'SQ403', hint: expect.stringContaining(scope) })
    // What it is refused, if it is, is something else.
    const letIn = await door.send(path, { ...request, key: await door.key([scope]) })
    expect(letIn.body?.detail).not.toBe(refused.body.detail)
  })

  test('a key without control makes no task type, and calls no host that is not allowed', async () => {
    const key = await door.key(['enqueue'])
    const task_type = randomUUID()

    const refused = { status: 403, body: { hint: expect.stringContaining('scope control') } }

    expect(await door.send('/tasks', { key, body: task(task_type) })).toMatchObject(refused)
    await door.send('/tasks', { body: task(task_type) })
    expect((await door.send('/tasks', { key, body: task(task_type) })).status).toBe(201)
    const elsewhere = { ...task(task_type), url: 'https://evil.example.com/' }
    expect(await door.send('/tasks', { key, body: elsewhere })).toMatchObject(refused)
  })

  test('no key more often than its max_rps, and it is told when to come again', async () => {
    const key = await door.key(['read'], { max_rps: 0.01, burst: 2 })

    const said = []
    for (let i = 0; i < 3; i++) said.push(await door.send('/task-types/x', { key }))

    expect(said.map(({ status }) => status)).toEqual([404, 404, 429])
    const wait = Number(said[2]!.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(90)
    expect(wait).toBeLessThanOrEqual(100)
  })

  test('no key that was revoked, from the next request on', async () => {
    const key = await door.key(['read'])
    await door.db.query('delete from supaqueue.api_key')

    expect((await door.send('/task-types/x', { key })).status).toBe(401)
  })
})

describe('Idempotency-Key', () => {
  const post = (body: unknown, key: string, more: { key?: string } = {}) =>
    door.send('/tasks', { ...more, body, headers: { 'idempotency-key': key } })

  test('the same request twice does one thing, and has one answer', async () => {
    const [body, key] = [task(), randomUUID()]

    const [first, second] = [await post(body, key), await post(body, key)]

    expect(first.headers.get('idempotency-replayed')).toBe(null)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect([second.status, second.body]).toEqual([201, first.body])
    expect(await jobs(body.task_type)).toBe(1)
  })

  test('the same key with another body is refused', async () => {
    const key = randomUUID()
    await post(task(), key)

    expect((await post(task(), key)).body).toMatchObject({ status: 422, code: 'SQ422' })
  })

  test('the same key of another caller is another one', async () => {
    const [body, key] = [task(), randomUUID()]
    await post(body, key)

    expect((await post(body, key, { key: await door.key(['enqueue', 'control']) })).headers.get('idempotency-replayed'))
      .toBe(null)
    expect(await jobs(body.task_type)).toBe(2)
  })

  test('many at the same moment do one thing', async () => {
    const [body, key] = [task(), randomUUID()]

    const said = await Promise.all(Array.from({ length: 8 }, () => post(body, key)))

    for (const { status } of said) expect([201, 409]).toContain(status)
    expect(await jobs(body.task_type)).toBe(1)
  })

  test('after an answer that was lost the same request finds out what became of it', async () => {
    const [body, key] = [task(), randomUUID()]
    door.faults.loseAnswers = true
    const lost = await post(body, key)
    door.faults.loseAnswers = false

    const again = await post(body, key)

    expect(lost.status).toBe(503)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(await jobs(body.task_type)).toBe(1)
  })

  test.for([['nothing', ''], ['256 characters', 'x'.repeat(256)]] as const)(
    '%s as a key is refused',
    async ([, key]) => {
      expect((await post(task(), key)).status).toBe(422)
    },
  )
})

describe('limits', () => {
  test('a body that is too long is refused, whether it says so or not', async () => {
    // Blanks: no part of it is too large by itself.
    const body = JSON.stringify(task()) + ' '.repeat(limits.bodyBytes)
    const unsaid = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(body))
        controller.close()
      },
    })

    expect((await door.send('/tasks', { body })).status).toBe(413)
    expect((await door.sendStream('/tasks', unsaid)).status).toBe(413)
  })

  test('a request with too many headers, or with headers that are too long, is refused', async () => {
    const many = Object.fromEntries(Array.from({ length: limits.headers + 1 }, (_, i) => [`x-${i}`, 'y']))

    expect((await door.send('/task-types/x', { headers: many })).status).toBe(431)
    expect((await door.send('/task-types/x', { headers: { 'x-long': 'y'.repeat(limits.headerBytes) } })).status).toBe(
      431,
    )
  })
})

describe('what is not understood', () => {
  test('a body that is no JSON is 400, and so is one that is no UTF-8', async () => {
    const bytes = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array([0x22, 0xff, 0x22]))
        controller.close()
      },
    })

    expect((await door.send('/tasks', { body: '{"task_type":' })).body).toMatchObject({ status: 400, code: 'SQ400' })
    expect((await door.sendStream('/tasks', bytes)).body).toMatchObject({ status: 400, code: 'SQ400' })
  })

  test('an unknown path is 404, an unknown method 405 with those that are known', async () => {
    expect((await door.send('/nowhere')).body).toMatchObject({ status: 404, code: 'SQ404' })
    const { status, headers } = await door.send('/tasks', { method: 'DELETE' })
    expect([status, headers.get('allow')]).toEqual([405, 'POST'])
  })
})

describe('GET /metrics', () => {
  test('answers what the database says, as Prometheus reads it', async () => {
    const queue = randomUUID()
    await door.send('/tasks', { body: task(queue) })

    const { status, headers, body } = await door.send('/metrics', { key: await door.key(['metrics']) })

    expect(status).toBe(200)
    expect(body).toMatch(/^# HELP supaqueue_\w+ .+\n# TYPE supaqueue_\w+ (counter|gauge|histogram)$/m)
    expect(body).toContain(`{queue="${queue}"}`)
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  })
})

describe('pages of other origins', () => {
  test('may ask, with a key that is typed into them', async () => {
    const asked = { origin: 'https://app.example.com', 'access-control-request-method': 'POST' }
    const preflight = await door.send('/tasks', {
      method: 'OPTIONS',
      key: null,
      headers: { ...asked, 'access-control-request-headers': 'authorization,content-type,idempotency-key' },
    })
    const refused = await door.send('/tasks', { body: {}, key: null, headers: asked })

    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,content-type,idempotency-key')
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, '*'])
    expect(refused.headers.get('access-control-allow-credentials')).toBe(null)
  })
})

describe('when something is ill', () => {
  test('a database that is away is a 503 that says to come again', async () => {
    door.faults.refuse = 'unavailable'

    const { status, headers, body } = await door.send('/task-types/x')

    expect([status, headers.get('retry-after'), body.code]).toEqual([503, '1', 'SQ503'])
  })

  test('a function that is not set up says what is missing', async () => {
    const { readSettings } = await import('../../../../supabase/functions/supaqueue-api/settings.ts')
    const api = makeApi(() => ({ keys: readSettings({}).keys, database: undefined! }), () => {})

    const response = await api.request('/supaqueue-api/task-types/x')

    expect([response.status, await response.json()]).toMatchObject([500, {
      detail: expect.stringContaining('SUPABASE_URL'),
    }])
  })

  test('a defect is a 500 that tells nothing, and is written into the log', async () => {
    const lines: unknown[] = []
    const api = makeApi(() => {
      throw new TypeError('private')
    }, (line) => lines.push(line))

    const response = await api.request('/supaqueue-api/task-types/x')

    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('private')
    expect(JSON.stringify(lines)).toContain('private')
  })
})
