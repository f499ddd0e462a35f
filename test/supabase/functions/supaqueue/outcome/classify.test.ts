import { expect, test } from 'vitest'
import { classifyAnswer, classifyError, RULES } from '../../../../../supabase/functions/supaqueue/outcome/classify.ts'

const answer = (status: number, code = '', retryAfterMs?: number) => () =>
  classifyAnswer({ status, code, retryAfterMs })
const named = (name: string) => () => classifyError(Object.assign(new Error('as it is'), { name }))
const caused = (code: string, message = 'as it is') => () =>
  classifyError(Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error(message), { code }) }))

const rows: [name: string, outcome: string, waitMs: number | undefined, verdict: () => object][] = [
  ['success', 'success', undefined, answer(200)],
  ['key refused', 'deferred', 10_000, answer(401, 'UNAUTHORIZED_NO_AUTH_HEADER')],
  ['not deployed', 'deferred', 5000, answer(404, 'NOT_FOUND_FUNCTION_BLOB')],
  ['platform busy', 'deferred', 1000, answer(429, 'RATE_LIMIT_EXCEEDED')],
  ['not booted', 'deferred', 2000, answer(503, 'BOOT_ERROR')],
  ['worker ended', 'unknown', undefined, answer(546, 'WORKER_RESOURCE_LIMIT')],
  ['gateway timeout', 'unknown', undefined, answer(504)],
  ['resources used up', 'unknown', undefined, answer(546)],
  ['not now', 'deferred', undefined, answer(503, '', 0)],
  ['failure', 'failed', undefined, answer(503)],
  ['allowance spent', 'not_run', 1000, named('RateLimitError')],
  ['timeout', 'unknown', undefined, named('TimeoutError')],
  ['no such host', 'deferred', 1000, caused('ENOTFOUND')],
  ['no secure connection', 'deferred', 1000, caused('CERT_HAS_EXPIRED')],
  ['no connection', 'deferred', 1000, caused('ECONNREFUSED')],
  ['port not allowed', 'killed', undefined, caused('', 'bad port')],
  ['connection lost', 'unknown', undefined, caused('UND_ERR_SOCKET')],
]

test.each(rows)('%s is %s', (name, outcome, waitMs, verdict) => {
  expect(verdict()).toMatchObject({ name, outcome, ...(waitMs === undefined ? {} : { waitMs }) })
})

test('the table has no case without a row here, and none beside', () => {
  expect(RULES).toEqual(rows.map(([name]) => name))
})
