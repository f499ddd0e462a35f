import { createHmac, randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { RULES } from '../../supabase/functions/supaqueue/outcome/classify.ts'
import type { Claim, QueueRow, Secrets } from '../../supabase/functions/supaqueue/turn/turn.ts'
import { callAsProcess, type Caller, callHere, callInDeno } from './support/caller.ts'
import { closedTarget, openSocketTarget, openTarget, type Target, type Visit } from './support/target.ts'

const key = 'sb_secret_of_this_project'
const jwt = 'eyJhbGciOiJIUzI1NiJ9.e30.the_service_role_key_of_this_project'
const supaqueueSecret = 'the secret of this project'
const webhookSecret = `whsec_${Buffer.from('twenty-four bytes of it!').toString('base64')}`
const olderSecret = 'an older secret, in letters'
const openai = 'Bearer sk-of-somebody-else'

const everything = ['complete', 'reject', 'reschedule', 'kill', 'drop', 'continue', 'park', 'later']

const targets: Target[] = []
const keep = (target: Target): Target => (targets.push(target), target)
afterEach(async () => {
  await Promise.all(targets.splice(0).map((target) => target.close()))
})

type More = {
  queue?: Partial<QueueRow>
  job?: Partial<Claim['job']>
  secrets?: Secrets
  key?: string
  functionsUrl?: string
  allowPrivate?: boolean
}

const order = ({ queue = {}, job = {}, secrets, functionsUrl = '', allowPrivate = true, ...more }: More) => ({
  outside: { functionsUrl, key: more.key ?? key, secrets: [supaqueueSecret], allowPrivate },
  queue: { id: randomUUID(), name: 'q', default_headers: {}, max_attempts: 3, timeout_ms: 3000, ...queue },
  secrets: secrets ?? { supaqueue_webhook_secret: webhookSecret },
  claim: { current_job: { id: randomUUID() }, job: { id: 7, payload: '{"to":"you"}', attempts: 1, ...job } },
})

type Answer = (response: ServerResponse, visit: Visit) => unknown

const http = (answer: Answer) => async () => (keep(await openTarget(answer))).origin
const socket = (answer: (socket: Socket) => unknown) => async () => (keep(await openSocketTarget(answer))).origin
const answers = (status: number, headers: Record<string, string> = {}, body = '') =>
  http((response) => response.writeHead(status, headers).end(body))
const codes = (status: number, code: string) => answers(status, { 'sb-error-code': code }, '{"message":"platform"}')
const inTenMinutes = () => new Date(Date.now() + 600_000).toUTCString()

// Every case of the table, and what is on its edges. The name of the case comes first.
const rows: [name: string, how: string, open: () => string | Promise<string>, report: object][] = [
  ['success', 'JSON', answers(200, { 'content-type': 'application/json' }, '{"a":[1]}'), {
    outcome: 'success',
    status: 200,
    result: { a: [1] },
    ms: expect.any(Number),
  }],
  ['success', 'text', answers(201, { 'content-type': 'text/plain' }, 'done'), { outcome: 'success', result: 'done' }],
  ['success', 'nothing', answers(204), { outcome: 'success', result: null }],
  ['success', 'accepted', answers(202), { outcome: 'success', status: 202, result: null }],
  ['success', 'too large', answers(200, {}, 'x'.repeat(70_000)), {
    outcome: 'success',
    result: { truncated: true, text: 'x'.repeat(65_536) },
  }],
  ['failure', '400', answers(400, {}, 'what?'), { outcome: 'failed', status: 400, error: 'HTTP 400: what?' }],
  ['failure', '401 of its own', answers(401), { outcome: 'failed' }],
  ['failure', '404 of its own', answers(404), { outcome: 'failed' }],
  ['failure', '429 without a time', answers(429), { outcome: 'failed' }],
  ['failure', '500', answers(500, { 'x-why': 'so' }, 'oh no'), {
    outcome: 'failed',
    error: 'HTTP 500: oh no',
    head: expect.stringMatching(/^HTTP 500 Internal Server Error\n(.*\n)*x-why: so\n(.*\n)*\noh no$/),
  }],
  ['failure', '503 without a time', answers(503), { outcome: 'failed' }],
  ['failure', '503 with a time that is none', answers(503, { 'retry-after': 'soon' }), { outcome: 'failed' }],
  ['key refused', '401', codes(401, 'UNAUTHORIZED_INVALID_JWT_FORMAT'), {
    outcome: 'deferred',
    retry_after_ms: 10_000,
  }],
  ['not deployed', '404', codes(404, 'NOT_FOUND'), { outcome: 'deferred', retry_after_ms: 5000 }],
  ['not deployed', 'no blob', codes(404, 'NOT_FOUND_FUNCTION_BLOB'), { outcome: 'deferred', retry_after_ms: 5000 }],
  ['platform busy', '429', codes(429, 'RATE_LIMIT_EXCEEDED'), { outcome: 'deferred', retry_after_ms: 1000 }],
  ['not booted', '503', codes(503, 'BOOT_ERROR'), { outcome: 'deferred', retry_after_ms: 2000 }],
  ['not booted', 'not loaded', codes(503, 'LOAD_FUNCTION_ERROR'), { outcome: 'deferred', retry_after_ms: 2000 }],
  ['worker ended', '500', codes(500, 'WORKER_ERROR'), {
    outcome: 'unknown',
    error: 'HTTP 500 WORKER_ERROR: {"message":"platform"}',
  }],
  ['worker ended', 'by an error', codes(500, 'EDGE_FUNCTION_ERROR'), { outcome: 'unknown' }],
  ['worker ended', 'status', codes(500, 'INVALID_RESPONSE_STATUS_CODE'), { outcome: 'unknown' }],
  ['worker ended', '546', codes(546, 'WORKER_LIMIT'), { outcome: 'unknown' }],
  ['gateway timeout', '504', answers(504), { outcome: 'unknown', status: 504 }],
  ['gateway timeout', 'of the platform', codes(504, 'IDLE_TIMEOUT'), { outcome: 'unknown' }],
  ['resources used up', '546', answers(546), { outcome: 'unknown', status: 546 }],
  ['not now', '429, seconds', answers(429, { 'retry-after': '120' }), { outcome: 'deferred', retry_after_ms: 120_000 }],
  ['not now', '503, seconds', answers(503, { 'retry-after': '0' }), { outcome: 'deferred', retry_after_ms: 0 }],
  ['not now', '503, a date', http((response) => response.writeHead(503, { 'retry-after': inTenMinutes() }).end()), {
    outcome: 'deferred',
    retry_after_ms: expect.closeTo(600_000, -5),
  }],
  ['timeout', 'hangs before the answer', http(() => {}), { outcome: 'unknown', error: 'no answer within 400 ms' }],
  ['timeout', 'hangs within the answer', http((response) => response.writeHead(200).write('{')), {
    outcome: 'unknown',
    error: 'no answer within 400 ms',
  }],
  ['connection lost', 'garbage', socket((socket) => socket.end('\0\0 what is HTTP?\r\n\r\n')), { outcome: 'unknown' }],
  ['connection lost', 'half closed', socket((socket) => socket.end()), { outcome: 'unknown' }],
  ['connection lost', 'reset', socket((socket) => socket.resetAndDestroy()), { outcome: 'unknown' }],
  [
    'connection lost',
    'within the answer',
    socket((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal')),
    {
      outcome: 'unknown',
    },
  ],
  ['no connection', 'refused', async () => (await closedTarget()).origin, {
    outcome: 'failed',
    reached: false,
    error: expect.stringMatching(/^no answer: /),
  }],
  ['no secure connection', 'speaks no TLS', async () => (await http(() => {})()).replace('http:', 'https:'), {
    outcome: 'failed',
    reached: false,
    error: expect.stringMatching(/^no answer: /),
  }],
  ['no such host', 'unheard of', () => 'http://nowhere.invalid', { outcome: 'failed', reached: false }],
  ['port not allowed', 'of another service', () => 'http://127.0.0.1:6667', { outcome: 'killed' }],
]

// Only the platform's own runtime throws it: played with a fetch of our own, in call.test.ts.
const PLAYED = ['allowance spent']

test('every case is met here', () => {
  expect([...new Set(rows.map(([name]) => name))].sort()).toEqual(RULES.filter((name) => !PLAYED.includes(name)).sort())
})

describe.each([
  ['Node', callHere],
  ['Deno', callInDeno],
  ['node, as a process that stays has it', callAsProcess],
])('with the fetch of %s,', (runtime, open) => {
  let caller: Caller
  beforeAll(async () => {
    caller = await open()
  })
  afterAll(() => caller?.close())

  /** Calls a target once, and says what is reported. */
  const deliver = async (more: More) => (await caller.call(order(more))).outcomes[0]!

  test('as targets see it', async () => {
    const target = keep(await openTarget((response) => response.end()))

    await deliver({ queue: { url: target.origin } })

    expect(target.visits[0]!.headers['user-agent']).toMatch(new RegExp(`^${runtime.slice(0, 4)}`, 'i'))
  })

  describe('a target', () => {
    test.each(rows)('that is a case of %s: %s', async (name, _how, openUrl, report) => {
      const url = `${await openUrl()}/hook`

      const outcome = await deliver({ queue: { url, timeout_ms: name === 'timeout' ? 400 : 3000 } })

      expect(outcome).toMatchObject(report)
      // What says nothing about a time leaves it to the database.
      expect('retry_after_ms' in outcome).toBe('retry_after_ms' in report)
    })

    test('is called by the timeout of the job, when that has one', async () => {
      const url = await http(() => {})()

      expect(await deliver({ queue: { url, timeout_ms: 60_000 }, job: { timeout_ms: 150 } })).toMatchObject({
        error: 'no answer within 150 ms',
      })
    })

    test.each<[string, object | string, object]>([
      ['complete', { a: 1 }, { outcome: 'success', result: { a: 1 } }],
      ['reject', { message: 'no' }, {
        outcome: 'failed',
        error: 'no',
        head: expect.stringContaining('supaqueue-outcome'),
      }],
      ['reschedule', { after_ms: 5000 }, { outcome: 'rescheduled', retry_after_ms: 5000 }],
      ['kill', { message: 'never' }, { outcome: 'killed', error: 'never' }],
      ['drop', '', { outcome: 'dropped' }],
      ['continue', { state: { page: 2 } }, { outcome: 'continued', state: { page: 2 } }],
      ['later', { lease_ms: 600_000 }, { outcome: 'later', lease_ms: 600_000 }],
      ['dance', '', { outcome: 'failed', error: expect.stringContaining('"dance" is none of') }],
      ['kill', 'because', { outcome: 'failed', error: expect.stringContaining('not JSON') }],
    ])('may say %s %j, whatever its status', async (word, details, report) => {
      const body = typeof details === 'string' ? details : JSON.stringify(details)
      for (const status of [200, 500]) {
        const url = await answers(status, { 'supaqueue-outcome': word }, body)()
        expect(await deliver({ queue: { url, heeds: everything } })).toMatchObject({ ...report, status })
      }
    })

    test('may hand on more than it may answer', async () => {
      const state = 'x'.repeat(100_000)
      const url = await answers(200, { 'supaqueue-outcome': 'continue' }, JSON.stringify({ state }))()

      expect(await deliver({ queue: { url, result_max_bytes: 10, heeds: everything } })).toMatchObject({
        outcome: 'continued',
        state,
      })
    })

    test('answers as much as its queue keeps', async () => {
      const url = await answers(200, {}, 'x'.repeat(100))()

      expect(await deliver({ queue: { url, result_max_bytes: 10 } })).toMatchObject({
        result: { truncated: true, text: 'xxxxxxxxxx' },
      })
    })

    test('says why it failed, even when its queue keeps no results', async () => {
      const url = await answers(500, {}, 'oh no')()

      expect(await deliver({ queue: { url, result_max_bytes: 0 } })).toMatchObject({ error: 'HTTP 500: oh no' })
    })
  })

  describe('a redirect', () => {
    /** A target whose `/from` redirects, and that answers anywhere else. */
    const redirecting = async (status: number, location: (target: { origin: string }) => string) => {
      const target: Target = keep(
        await openTarget((response, { path }) =>
          path.startsWith('/from')
            ? response.writeHead(status, { location: location(target) }).end('moved')
            : response.end('there')
        ),
      )
      return target
    }

    test.each([
      [307, 'POST'],
      [308, 'PUT'],
      [307, 'GET'],
      [308, 'DELETE'],
      [301, 'GET'],
      [302, 'GET'],
      [303, 'GET'],
    ])('by %d within the origin is followed for %s, with method, headers and body', async (status, method) => {
      const target = await redirecting(status, () => '/to?x=1')

      const outcome = await deliver({ queue: { url: `${target.origin}/from`, method } })

      expect(outcome).toMatchObject({ outcome: 'success', result: 'there' })
      const [from, to] = target.visits
      expect(to).toMatchObject({ method, path: '/to?x=1', body: from!.body })
      expect(to!.headers['webhook-signature']).toBe(from!.headers['webhook-signature'])
    })

    test.each([[301, 'POST'], [302, 'PATCH'], [303, 'DELETE']])(
      'by %d is not followed for %s',
      async (status, method) => {
        const target = await redirecting(status, () => '/to')

        expect(await deliver({ queue: { url: `${target.origin}/from`, method } })).toMatchObject({
          outcome: 'failed',
          status,
          error: `HTTP ${status}: not followed: a redirect by ${status} does not keep the method ${method}`,
        })
        expect(target.visits).toHaveLength(1)
      },
    )

    test('to another origin is not followed', async () => {
      const other = keep(await openTarget((response) => response.end('stolen')))
      const target = await redirecting(307, () => `${other.origin}/to`)

      expect(await deliver({ queue: { url: `${target.origin}/from` } })).toMatchObject({
        outcome: 'failed',
        error: `HTTP 307: not followed: the redirect leads to another origin, ${other.origin}`,
      })
      expect(other.visits).toEqual([])
    })

    test('to a URL with a password, or to none, is not followed', async () => {
      for (const location of [({ origin }: { origin: string }) => origin.replace('//', '//u:p@'), () => 'http://']) {
        const target = await redirecting(307, location)
        expect(await deliver({ queue: { url: `${target.origin}/from` } })).toMatchObject({
          outcome: 'failed',
          status: 307,
        })
        expect(target.visits).toHaveLength(1)
      }
    })

    test('is followed five times, and not once more', async () => {
      const target = await redirecting(307, () => '/from')

      expect(await deliver({ queue: { url: `${target.origin}/from` } })).toMatchObject({
        outcome: 'failed',
        error: 'HTTP 307: not followed: more than 5 redirects',
      })
      expect(target.visits).toHaveLength(6)
    })

    test('of a function is not followed, for the key would go along', async () => {
      const target = await redirecting(307, () => '/rest/v1/users')

      const outcome = await deliver({ functionsUrl: target.origin, queue: { edge_function_name: 'from' } })

      expect(outcome).toMatchObject({ outcome: 'failed', error: 'HTTP 307: not followed: a function may not redirect' })
      expect(target.visits).toHaveLength(1)
    })
  })

  describe('the keys of the project', () => {
    const secretsOfProject = [key, jwt, supaqueueSecret]

    /** All that went over the connection, in one text. */
    const sent = (target: Target) =>
      target.visits.map(({ path, raw, body }) => [path, ...raw, body.toString()].join('\n')).join('\n')

    test.each([key, jwt])(
      'never reach a URL: neither the queue nor the job, nor a redirect brings them (%s)',
      async (key) => {
        const target = keep(
          await openTarget((response, { path }) =>
            path === '/from' ? response.writeHead(307, { location: '/to' }).end() : response.end()
          ),
        )
        const { origin, host } = target

        await deliver({ key, queue: { url: `${origin}/queue` } })
        await deliver({ key, queue: { url: `${origin}/from` } })
        await deliver({ key, queue: { url: `${origin}/queue`, method: 'GET' }, job: { url: `${origin}/job` } })
        await deliver({
          key,
          queue: { url: 'http://nowhere.invalid', allowed_hosts: [host] },
          job: { url: `${origin}/job` },
        })

        expect(target.visits.map(({ path }) => path)).toEqual(['/queue', '/from', '/to', '/job?to=you', '/job'])
        for (const secret of secretsOfProject) expect(sent(target)).not.toContain(secret)
        for (const { headers } of target.visits) {
          expect(Object.keys(headers)).not.toContain('apikey')
          expect(Object.keys(headers)).not.toContain('authorization')
        }
      },
    )

    test('reach no URL that a job leads to against the will of its queue', async () => {
      const target = keep(await openTarget((response) => response.end()))
      const job = { url: `${target.origin}/job` }
      const queues: Partial<QueueRow>[] = [
        { edge_function_name: 'f', allowed_hosts: [target.host] },
        { url: 'http://nowhere.invalid/' },
      ]

      for (const queue of queues) {
        expect(await deliver({ queue, job })).toMatchObject({
          outcome: 'killed',
          error: expect.stringMatching(/^SQ422: /),
        })
      }
      expect(target.visits).toEqual([])
    })

    test('reach a function, and win over headers of the queue and the job', async () => {
      const target = keep(await openTarget((response) => response.end()))
      const theirs = { Authorization: 'Bearer theirs', APIKey: 'theirs' }

      await deliver({
        functionsUrl: target.origin,
        key: jwt,
        queue: { edge_function_name: 'f', default_headers: theirs },
        job: { headers: theirs },
      })

      expect(target.visits[0]!.headers).toMatchObject({ apikey: jwt, authorization: `Bearer ${jwt}` })
      expect(sent(target)).not.toContain('theirs')
    })
  })

  describe('the headers of a call', () => {
    const visited = async (more: More) => {
      const target = keep(await openTarget((response) => response.end()))
      const url = { url: target.origin, ...more.queue }
      const outcome = await deliver({ ...more, queue: url })
      return { outcome, visit: target.visits[0]! }
    }

    test('are those of the queue, those of the job on top, and ours on top of both', async () => {
      const { visit } = await visited({
        queue: {
          default_headers: {
            'X-A': 'queue',
            'X-B': 'queue',
            Authorization: 'Bearer mine',
            'Content-Type': 'text/x-mine',
          },
          opens: ['x-b', 'supaqueue-job-id', 'webhook-id', 'supaqueue-state', 'host'].map((name) => `header ${name}`),
        },
        job: {
          headers: { 'x-b': 'job', 'Supaqueue-Job-Id': '1', 'Webhook-Id': 'x', 'supaqueue-state': '1', host: 'x' },
          max_attempts: 9,
        },
      })

      expect(visit.headers).toMatchObject({
        'x-a': 'queue',
        'x-b': 'job',
        authorization: 'Bearer mine',
        'content-type': 'text/x-mine',
        'supaqueue-job-id': '7',
        'supaqueue-queue': 'q',
        'supaqueue-attempt': '1',
        'supaqueue-max-attempts': '9',
        'supaqueue-current-job': expect.stringMatching(/^[0-9a-f-]{36}$/),
        'webhook-id': visit.headers['idempotency-key'],
      })
      expect(visit.headers['supaqueue-state']).toBe(undefined)
      expect(visit.headers.host).toMatch(/^127/)
    })

    test('have what Vault holds, in the queue and not in the job', async () => {
      const { visit } = await visited({
        queue: {
          default_headers: { authorization: 'vault:openai', 'x-text': 'a vault:openai' },
          opens: ['header x-job'],
        },
        job: { headers: { 'x-job': 'vault:openai' } },
        secrets: { supaqueue_webhook_secret: webhookSecret, openai },
      })

      expect(visit.headers).toMatchObject({
        authorization: openai,
        'x-text': 'a vault:openai',
        'x-job': 'vault:openai',
      })
    })

    test.each<[string, Partial<QueueRow>, Secrets]>([
      ['openai', { default_headers: { authorization: 'vault:openai' } }, { supaqueue_webhook_secret: webhookSecret }],
      ['supaqueue_webhook_secret', {}, {}],
      ['mine', { signing_secrets: ['mine', 'other'] }, { supaqueue_webhook_secret: webhookSecret }],
    ])('wait for a secret that Vault does not have: %s', async (name, queue, secrets) => {
      const { outcome, visit } = await visited({ queue, secrets })

      expect(visit).toBe(undefined)
      expect(outcome).toEqual({
        outcome: 'deferred',
        error: `Vault has no secret named ${name}`,
        retry_after_ms: 60_000,
      })
    })

    test('that cannot be sent kill the job', async () => {
      for (const headers of [{ 'not a name': 'v' }, { 'x-a': 'two\nlines' }, { 'x-a': 'grün 🔑' }]) {
        const { outcome, visit } = await visited({ job: { headers } })
        expect(visit).toBe(undefined)
        expect(outcome).toMatchObject({ outcome: 'killed', error: expect.stringMatching(/^SQ422: the job's header/) })
      }
    })

    test('sign it, with every secret of the queue that there is', async () => {
      const secrets = { young: webhookSecret, old: olderSecret }
      const { visit } = await visited({
        queue: { signing_secrets: ['young', 'gone', 'old'] },
        secrets,
        job: { payload: '{"$base64": "AP+ACg=="}' },
      })

      const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = visit.headers
      expect([...visit.body]).toEqual([0, 255, 128, 10])
      expect(visit.headers['content-type']).toBe('application/octet-stream')
      expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60)
      const right = (secret: string | Buffer) =>
        `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(visit.body).digest('base64')}`
      expect(String(signatures).split(' ')).toEqual([
        right(Buffer.from('twenty-four bytes of it!')),
        right(olderSecret),
      ])
    })

    test('sign a call of a function with the secret of the project', async () => {
      const target = keep(await openTarget((response) => response.end()))
      await deliver({ functionsUrl: target.origin, queue: { edge_function_name: 'f' } })

      const [{ headers, body }] = target.visits as [Visit]
      const head = `${headers['webhook-id']}.${headers['webhook-timestamp']}.`
      const right = createHmac('sha256', supaqueueSecret).update(head).update(body).digest('base64')
      expect(headers['webhook-signature']).toBe(`v1,${right}`)
    })

    test('say that a slice continues; the body has payload and state', async () => {
      const { visit } = await visited({ job: { state: '{"page": 2}' } })
      expect(visit.headers['supaqueue-slice']).toBe('continued')
      expect(JSON.parse(visit.body.toString())).toEqual({ payload: { to: 'you' }, state: { page: 2 } })

      const { visit: get } = await visited({ queue: { method: 'GET' }, job: { state: '{"page": "ü"}' } })
      expect(get).toMatchObject({ path: '/?to=you', headers: { 'supaqueue-slice': 'continued' } })
      expect(JSON.parse(String(get.headers['supaqueue-state']))).toEqual({ page: 'ü' })
    })

    test('and its body are those of its method', async () => {
      for (const method of ['GET', 'DELETE', 'POST', 'PUT', 'PATCH']) {
        const { visit } = await visited({ job: { method, query: { a: 'b c' } } })
        const hasBody = method !== 'GET'
        expect(visit).toMatchObject({ method, path: '/?a=b+c' })
        expect(visit.body.toString()).toBe(hasBody ? '{"to":"you"}' : '')
        expect(visit.headers['content-type']).toBe(hasBody ? 'application/json' : undefined)
      }
    })
  })

  describe('what is stored of an answer', () => {
    test('has no secret in it, and nothing that the queue does not want kept', async () => {
      const echo: Answer = (response, { headers }) =>
        response.writeHead(500, { 'set-cookie': 'a=b', 'x-mine': 'private', 'x-echo': String(headers.authorization) })
          .end(JSON.stringify({ headers, token: { deep: 'private' }, page: 7 }))
      const queue: Partial<QueueRow> = {
        url: await http(echo)(),
        default_headers: { authorization: 'vault:openai' },
        redact: ['X-Mine', 'TOKEN'],
      }
      const secrets = { openai, supaqueue_webhook_secret: webhookSecret }

      const { error, head } = await deliver({ queue, secrets })

      for (const text of [error, head]) {
        expect(text).not.toMatch(/sk-of-somebody|a=b|private/)
        expect(text).toContain('[redacted]')
      }
      expect(head).toMatch(/^HTTP 500/)
    })

    test('of a success is redacted too, and the rest of it stays JSON', async () => {
      const url = await http((response, { headers }) =>
        response.end(JSON.stringify({ seen: headers.authorization, token: 't', page: 7 }))
      )()
      const queue: Partial<QueueRow> = { url, default_headers: { authorization: 'vault:openai' }, redact: ['token'] }

      const outcome = await deliver({ queue, secrets: { openai, supaqueue_webhook_secret: webhookSecret } })

      expect(outcome.result).toEqual({ seen: '[redacted]', token: '[redacted]', page: 7 })
      expect(outcome.head).toBe(undefined)
    })

    test('of a function that answers with the key is redacted', async () => {
      const functionsUrl = await http((response, { headers }) => response.end(`my key is ${headers.apikey}`))()

      expect(await deliver({ functionsUrl, queue: { edge_function_name: 'f' } })).toMatchObject({
        result: 'my key is [redacted]',
      })
    })
  })

  describe('a network of our own', () => {
    test.each(['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433', '0.0.0.0'])(
      'is not called by the name %s, unless the setting allows it',
      async (host) => {
        const target = keep(await openTarget((response) => response.end()))
        const url = `http://${host}:${new URL(target.origin).port}/`

        expect(await deliver({ queue: { url }, allowPrivate: false })).toMatchObject({
          outcome: 'killed',
          error: expect.stringContaining('allow_private_targets'),
        })
        expect(target.visits).toEqual([])
      },
    )

    test('is where functions are, on a stack on this machine', async () => {
      const functionsUrl = await answers(200)()

      expect(await deliver({ functionsUrl, queue: { edge_function_name: 'f' }, allowPrivate: false })).toMatchObject({
        outcome: 'success',
      })
    })

    test('is not looked for by a name that does not resolve: the attempt failed', async () => {
      expect(await deliver({ queue: { url: 'http://nowhere.invalid/' }, allowPrivate: false })).toMatchObject({
        outcome: 'failed',
        reached: false,
        error: 'no answer: the host nowhere.invalid cannot be resolved (ENOTFOUND)',
      })
    })
  })
})
