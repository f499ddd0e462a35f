import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { callOnce } from '../support/calling.ts'
import { type Heard, serve, type Server } from '../support/server.ts'

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

/** Calls a function that answers as told. */
async function callWith(
  { answer = (response) => response.end(), payload = '{}', job, ...more }:
    & Omit<Parameters<typeof callOnce>[0], 'now'>
    & {
      answer?: (response: ServerResponse, heard: Heard) => unknown
      payload?: string
    } = {},
) {
  const server = await serve(answer)
  servers.push(server)
  const functionsUrl = `${server.url}/functions/v1`
  return { ...await callOnce({ functionsUrl, job: { payload, ...job }, ...more }), heard: server.heard }
}

describe('a call', () => {
  test('posts the payload to the function of the queue', async () => {
    const { heard, outcome } = await callWith({ payload: '{"to": "you"}' })

    expect(heard).toMatchObject([{ method: 'POST', path: '/functions/v1/send-mail', body: '{"to": "you"}' }])
    expect(heard[0]!.headers['content-type']).toBe('application/json')
    expect(outcome).toMatchObject({ outcome: 'success', status: 200, result: null })
  })

  test('sends every digit and letter of the payload as it came', async () => {
    const payload = '{"n": 12345678901234567890.12345678901234567890, "e": 1E400, "s": "\\u00e9é🔑", "n": -0.0}'

    const { heard } = await callWith({ payload })

    expect(heard[0]!.body).toBe(payload)
  })

  test('says which job and which attempt it is, and sends a key that is the same for every attempt', async () => {
    const { heard } = await callWith()

    expect(heard[0]!.headers).toMatchObject({
      'supaqueue-job-id': '7',
      'supaqueue-queue': 'mail',
      'supaqueue-attempt': '2',
      'supaqueue-max-attempts': '3',
      'idempotency-key': 'b5a6b9c2-0f0f-4c7a-9a55-111111111111-7',
    })
  })

  test('says where the job comes from, and in no name that is ours otherwise', async () => {
    const origin = { hook: 'fotos für 7', 'hook-at': '2026-11-28', 'job-id': '8', 'Bad\nname': 'x', number: 7 }
    const { heard } = await callWith({ job: { origin } })

    expect(heard[0]!.headers).toMatchObject({
      'supaqueue-hook': 'fotos%20f%C3%BCr%207',
      'supaqueue-hook-at': '2026-11-28',
      'supaqueue-job-id': '7',
    })
    expect(Object.keys(heard[0]!.headers)).not.toContain('supaqueue-number')
  })

  test.each([
    ['Mail to you, 7!', 'Mail to you, 7!'],
    ['über 100 %', '%C3%BCber%20100%20%25'],
    ['100 %', '100%20%25'],
    ['line\nbreak', 'line%0Abreak'],
  ])('writes the name %j of a queue so that a header can carry it', async (name, written) => {
    const { heard } = await callWith({ queue: { name } })

    expect(heard[0]!.headers['supaqueue-queue']).toBe(written)
  })

  test('follows no redirect', async () => {
    const { heard, outcome } = await callWith({
      answer: (response) => response.writeHead(307, { location: '/elsewhere' }).end(),
    })

    expect(heard).toHaveLength(1)
    expect(outcome).toMatchObject({
      outcome: 'failed',
      status: 307,
      error: 'HTTP 307: not followed: a function may not redirect',
    })
  })

  test('cannot leave the functions of the project, whatever the name of the function', async () => {
    const { heard } = await callWith({ queue: { edge_function_name: '../../rest/v1/x?y#z' } })

    expect(heard[0]!.path).toBe('/functions/v1/..%2F..%2Frest%2Fv1%2Fx%3Fy%23z')
  })
})

describe('the headers of the queue', () => {
  test('are sent, except those of the connection and of a trace', async () => {
    const { heard } = await callWith({
      queue: {
        default_headers: {
          'X-Mine': 'yes',
          'X-Number': 7,
          'X-Nothing': null,
          'Host': 'example.test',
          'Content-Length': '9999',
          'Connection': 'close',
          'Expect': '100-continue',
          'Proxy-Authorization': 'x',
          'TraceParent': '00-1-1-01',
          'tracestate': 'a=b',
        },
      },
    })

    expect(heard[0]!.headers).toMatchObject({ 'x-mine': 'yes', 'x-number': '7' })
    expect(Object.keys(heard[0]!.headers)).not.toContain('x-nothing')
    expect(Object.keys(heard[0]!.headers)).not.toContain('expect')
    expect(Object.keys(heard[0]!.headers)).not.toContain('proxy-authorization')
    expect(Object.keys(heard[0]!.headers)).not.toContain('traceparent')
    expect(Object.keys(heard[0]!.headers)).not.toContain('tracestate')
    expect(heard[0]!.headers).toMatchObject({ 'content-length': '2', host: expect.stringContaining('127.0.0.1') })
  })

  test('give way to ours, in whatever case they are written, and are never sent twice', async () => {
    const { heard } = await callWith({
      queue: {
        default_headers: {
          'Content-Type': 'text/plain',
          'APIKEY': 'x',
          'Supaqueue-Job-Id': '1',
          'Idempotency-Key': 'i',
        },
      },
    })

    expect(heard[0]!.headers).toMatchObject({
      'content-type': 'application/json',
      apikey: 'sb_secret_1',
      'supaqueue-job-id': '7',
    })
    expect(heard[0]!.raw.filter((name) => name.toLowerCase() === 'idempotency-key')).toHaveLength(1)
  })

  test('kill the job with a word on how to fix them, when HTTP does not allow them', async () => {
    const { outcome, heard } = await callWith({ queue: { default_headers: { 'not a name': 'secret value' } } })

    expect(heard).toEqual([])
    expect(outcome).toMatchObject({ outcome: 'killed', error: expect.stringContaining('"not a name"') })
    expect(outcome.error).not.toContain('secret value')
  })
})

describe('the key of the project', () => {
  const theirs = { default_headers: { Authorization: 'Bearer theirs' } }

  test('of the new kind goes in apikey alone, and leaves the bearer to the queue', async () => {
    const { heard } = await callWith()
    expect(heard[0]!.headers.apikey).toBe('sb_secret_1')
    expect(heard[0]!.headers.authorization).toBe(undefined)

    const { heard: with_theirs } = await callWith({ queue: theirs })
    expect(with_theirs[0]!.headers.authorization).toBe('Bearer theirs')
  })

  test('that is a JWT is the bearer too, and wins', async () => {
    const { heard } = await callWith({ key: 'eyJhbGciOi', queue: theirs })

    expect(heard[0]!.headers).toMatchObject({ apikey: 'eyJhbGciOi', authorization: 'Bearer eyJhbGciOi' })
  })
})

describe('a call that meets trouble', () => {
  test('is unknown when no answer comes within the timeout', async () => {
    const { outcome } = await callWith({ answer: () => {}, queue: { timeout_ms: 50 } })

    expect(outcome).toMatchObject({ outcome: 'unknown', error: 'no answer within 50 ms', ms: expect.any(Number) })
  })

  test('is unknown when the answer begins in time and does not end', async () => {
    const { outcome } = await callWith({
      answer: (response) => response.writeHead(200).write('{'),
      queue: { timeout_ms: 50 },
    })

    expect(outcome).toMatchObject({ outcome: 'unknown', error: 'no answer within 50 ms', ms: expect.any(Number) })
  })

  test('is unknown when the connection breaks before the answer', async () => {
    const { outcome } = await callWith({ answer: (response) => response.destroy() })

    expect(outcome).toMatchObject({ outcome: 'unknown', error: expect.stringContaining('no answer') })
  })

  test('is unknown when the connection breaks within the answer', async () => {
    const { outcome } = await callWith({
      answer: (response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('half', () => response.destroy())
      },
    })

    expect(outcome).toMatchObject({ outcome: 'unknown' })
  })

  test('did not run when nobody listens', async () => {
    const server = await serve(() => {})
    await server.close()
    const { outcome } = await callOnce({ functionsUrl: server.url })

    expect(outcome).toMatchObject({ outcome: 'deferred', retry_after_ms: 1000 })
  })

  test('tells when the platform allows no further calls', async () => {
    const spent = Object.assign(new Error('Rate limit exceeded for trace'), {
      name: 'RateLimitError',
      retryAfterMs: 800,
    })

    const { outcome, chainSpent } = await callWith({ fetch: () => Promise.reject(spent) })

    expect(outcome).toMatchObject({ outcome: 'not_run', retry_after_ms: 800 })
    expect(chainSpent).toBe(true)
  })
})

describe('the body of an answer', () => {
  const sized = (bytes: number, letter = 'x') => (response: ServerResponse) => response.end(letter.repeat(bytes))

  test('of 64 kB is kept whole', async () => {
    const { outcome } = await callWith({ answer: sized(65_536) })

    expect(outcome.result).toBe('x'.repeat(65_536))
  })

  test('above 64 kB is kept by its head', async () => {
    const { outcome } = await callWith({ answer: sized(65_537) })

    expect(outcome.result).toEqual({ truncated: true, text: 'x'.repeat(65_536) })
  })

  test('is measured in bytes, and not cut within a letter', async () => {
    const { outcome } = await callWith({ answer: sized(30_000, '€') })

    expect(outcome.result).toEqual({ truncated: true, text: '€'.repeat(21_845) })
  })

  test('is read to its end, so that a function that streams is not stopped', async () => {
    let ended = false
    await callWith({
      answer: async (response) => {
        for (let part = 0; part < 40; part++) {
          response.write('x'.repeat(10_000))
          await new Promise((resolve) => setImmediate(resolve))
        }
        response.end(() => ended = true)
      },
    })

    expect(ended).toBe(true)
  })
})
