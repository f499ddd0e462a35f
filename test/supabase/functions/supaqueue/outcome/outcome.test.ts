import { describe, expect, test } from 'vitest'
import { outcomeOfAnswer, outcomeOfError } from '../../../../../supabase/functions/supaqueue/outcome/outcome.ts'
import { makeRedact } from '../../../../../supabase/functions/supaqueue/answer/redact.ts'

const now = Date.parse('2030-01-01T00:00:00Z')

const context = {
  now,
  timeoutMs: 60_000,
  redact: makeRedact(['the key of the project'], ['Token', 'x-mine']),
  kind: 'function' as const,
}

const classify = (status: number, headers: Record<string, string> = {}, text = '', truncated = false) =>
  outcomeOfAnswer({ status, statusText: 'So So', headers: new Headers(headers), body: { text, truncated } }, context)

describe('an answer', () => {
  const inTwoMinutes = new Date(now + 120_000).toUTCString()
  const platform = (code: string) => ({ 'sb-error-code': code })

  test.each<[number, Record<string, string>, string, number?]>([
    [200, {}, 'success'],
    [202, {}, 'success'],
    [204, {}, 'success'],
    [299, {}, 'success'],
    [200, platform('WORKER_ERROR'), 'success'],
    [301, { location: '/elsewhere' }, 'failed'],
    [400, {}, 'failed'],
    [401, {}, 'failed'],
    [404, {}, 'failed'],
    [429, {}, 'failed'],
    [500, {}, 'failed'],
    [502, {}, 'failed'],
    [503, {}, 'failed'],
    [401, platform('UNAUTHORIZED_INVALID_JWT_FORMAT'), 'deferred', 10_000],
    [404, platform('NOT_FOUND'), 'deferred', 5000],
    [404, platform('NOT_FOUND_FUNCTION_BLOB'), 'deferred', 5000],
    [429, platform('RATE_LIMIT_EXCEEDED'), 'deferred', 1000],
    [429, { ...platform('RATE_LIMIT_EXCEEDED'), 'retry-after': '7' }, 'deferred', 7000],
    [503, platform('BOOT_ERROR'), 'deferred', 2000],
    [503, platform('LOAD_FUNCTION_ERROR'), 'deferred', 2000],
    [500, platform('WORKER_ERROR'), 'unknown'],
    [500, platform('EDGE_FUNCTION_ERROR'), 'unknown'],
    [500, platform('INVALID_RESPONSE_STATUS_CODE'), 'unknown'],
    [504, platform('IDLE_TIMEOUT'), 'unknown'],
    [504, {}, 'unknown'],
    [546, platform('WORKER_RESOURCE_LIMIT'), 'unknown'],
    [546, platform('WORKER_LIMIT'), 'unknown'],
    [546, {}, 'unknown'],
    [418, platform('SOMETHING_NEW'), 'failed'],
    [429, { 'retry-after': '120' }, 'deferred', 120_000],
    [503, { 'retry-after': inTwoMinutes }, 'deferred', 120_000],
    [503, { 'retry-after': '0' }, 'deferred', 0],
    [429, { 'retry-after': 'Tue, 01 Jan 2019 00:00:00 GMT' }, 'deferred', 0],
    [429, { 'retry-after': '999999999999999999999' }, 'deferred', 3_600_000],
    [429, { 'retry-after': 'soon' }, 'failed'],
    [500, { 'retry-after': '5' }, 'failed'],
  ])('%d %j is %s', (status, headers, outcome, retry_after_ms) => {
    expect(classify(status, headers)).toMatchObject({
      outcome,
      status,
      ...(retry_after_ms === undefined ? {} : { retry_after_ms }),
    })
  })

  test('that is no success is kept as an error, its head only', () => {
    expect(classify(500, {}, 'oh no')).toMatchObject({ error: 'HTTP 500: oh no' })
    expect(classify(500)).toMatchObject({ error: 'HTTP 500' })
    expect(classify(503, platform('BOOT_ERROR'), 'x'.repeat(900)).error).toBe(`HTTP 503 BOOT_ERROR: ${'x'.repeat(500)}`)
  })

  test('leaves no character in an error that jsonb would refuse', () => {
    expect(classify(500, {}, `${'x'.repeat(499)}🔑`).error).toBe(`HTTP 500: ${'x'.repeat(499)}\ufffd`)
    expect(classify(500, {}, 'a\0b').error).toBe('HTTP 500: ab')
  })
})

test('what a function says is kept without secrets, at most 500 characters of it', () => {
  const say = (message: string) =>
    classify(200, { 'supaqueue-outcome': ' Kill ' }, JSON.stringify({ message: `the key of the project: ${message}` }))

  expect(say('no')).toMatchObject({ outcome: 'killed', status: 200, error: '[redacted]: no' })
  expect(say('x'.repeat(900)).error).toHaveLength(500)
})

describe('the result of a success', () => {
  const json = { 'content-type': 'application/json; charset=utf-8' }
  const nested = '['.repeat(501) + ']'.repeat(501)

  test.each<[string, Record<string, string>, string, unknown]>([
    ['JSON', json, '{"a":[1,null]}', { a: [1, null] }],
    ['JSON of a kind', { 'content-type': 'application/problem+json' }, '7', 7],
    ['a list that does not say it is JSON', {}, ' [1]', [1]],
    ['an object under another name', { 'content-type': 'text/plain' }, '{"a":1}', { a: 1 }],
    ['a number that does not say it is JSON: a text', { 'content-type': 'text/plain' }, '12', '12'],
    ['a text', { 'content-type': 'text/plain' }, 'done', 'done'],
    ['a text that says it is JSON', json, 'done', 'done'],
    ['nothing', json, '', null],
    ['a text with NUL', {}, 'a\0b', 'ab'],
    ['JSON with NUL', json, '{"a":"\\u0000b"}', { a: 'b' }],
    ['JSON nested too deep for Postgres: a text', json, nested, nested],
  ])('%s', (_, headers, text, result) => {
    expect(classify(200, headers, text)).toMatchObject({ outcome: 'success', result })
  })

  test('too long: its head, and that there was more', () => {
    expect(classify(200, json, '{"a":"', true)).toMatchObject({ result: { truncated: true, text: '{"a":"' } })
  })
})

describe('a call that threw', () => {
  const named = (name: string, more: object = {}) => Object.assign(new Error('as it is'), { name, ...more })
  const caused = (cause: unknown) => Object.assign(new TypeError('fetch failed'), { cause })

  test.each<[string, unknown, string, number?]>([
    ['timeout', new DOMException('The operation timed out', 'TimeoutError'), 'unknown'],
    ['rate limit', named('RateLimitError', { retryAfterMs: 1234.5 }), 'not_run', 1235],
    ['rate limit without a time', named('RateLimitError', { retryAfterMs: null }), 'not_run', 1000],
    ['rate limit of no time', named('RateLimitError', { retryAfterMs: 0 }), 'not_run', 1000],
    ['refused, in Node', caused(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })), 'deferred', 1000],
    ['no such host, in Node', caused(Object.assign(new Error('dns'), { code: 'ENOTFOUND' })), 'deferred', 1000],
    [
      'refused, in Deno',
      caused(new Error('error sending request: client error (Connect): tcp connect error')),
      'deferred',
      1000,
    ],
    [
      'refused, in older Deno',
      new TypeError('error sending request for url: client error (Connect): refused'),
      'deferred',
      1000,
    ],
    ['dropped, in Node', caused(Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })), 'unknown'],
    ['dropped, in Deno', caused(new Error('client error (SendRequest): connection closed')), 'unknown'],
    ['dropped in the body', new TypeError('error reading a body from connection'), 'unknown'],
    ['anything', 'a text', 'unknown'],
  ])('%s', (_, reason, outcome, retry_after_ms) => {
    const classified = outcomeOfError(reason, context)

    expect(classified).toMatchObject({ outcome, error: expect.any(String) })
    expect(classified.retry_after_ms).toBe(retry_after_ms)
  })

  test.each([
    ['refused', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ['no such host', Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })],
    ['a certificate that has expired', Object.assign(new Error('as it is'), { code: 'CERT_HAS_EXPIRED' })],
    ['a certificate of nobody, in Deno', new Error('client error (Connect): invalid peer certificate: UnknownIssuer')],
  ])('before it reached a URL has failed: %s', (_, cause) => {
    const classified = outcomeOfError(caused(cause), { ...context, kind: 'url' })

    expect(classified).toEqual({ outcome: 'failed', reached: false, error: expect.stringMatching(/^no answer: /) })
  })

  test('by the timeout says how long it waited', () => {
    expect(outcomeOfError(new DOMException('', 'TimeoutError'), { ...context, timeoutMs: 250 }).error).toBe(
      'no answer within 250 ms',
    )
  })
})
