import { describe, expect, test } from 'vitest'
import { type Context, outcomeOfAnswer } from '../../supabase/functions/supaqueue/outcome/outcome.ts'
import { makeRedact } from '../../supabase/functions/supaqueue/outcome/redact.ts'

// What somebody who answers at a URL tries. What the database does about many answers: functions/report.

const judge = (headers: Record<string, string>, body: object | string, more: Partial<Context> = {}, status = 200) =>
  outcomeOfAnswer({
    status,
    statusText: '',
    headers: new Headers(headers),
    body: { text: typeof body === 'string' ? body : JSON.stringify(body), truncated: false },
  }, { now: 0, timeoutMs: 1000, redact: makeRedact([], []), kind: 'url', ...more })

const says: [word: string, details: object][] = [
  ['drop', {}],
  ['later', { lease_ms: 86_400_000 }],
  ['continue', { state: { page: 2 } }],
  ['reschedule', { after_ms: 0 }],
  ['kill', { message: 'never' }],
  ['park', {}],
]

describe('a URL says in vain', () => {
  test.each(says)('%s %j', (word, details) => {
    for (const status of [200, 500]) {
      expect(judge({ 'supaqueue-outcome': word }, details, {}, status)).toMatchObject({
        outcome: 'failed',
        error: expect.stringContaining('add it to heeds of supaqueue.queue'),
      })
    }
  })

  test('where it is: that is the platform’s to know', () => {
    expect(judge({ 'x-sb-edge-region': '<b>fake</b>' }, '')).not.toHaveProperty('region')
  })
})

test.each([['complete', 'success'], ['reject', 'failed'], [' Complete ', 'success']])(
  'a URL may say %s',
  (word, outcome) => {
    expect(judge({ 'supaqueue-outcome': word }, {})).toMatchObject({ outcome })
  },
)

test('a URL may say "not now"', () => {
  expect(judge({ 'retry-after': '90.5' }, '', {}, 429)).toMatchObject({ outcome: 'deferred', retry_after_ms: 90_500 })
})

test.each(says)('a URL may say %s where its queue heeds it, and a function always', (word, details) => {
  expect(judge({ 'supaqueue-outcome': word }, details, { heeds: [word] }).outcome).not.toBe('failed')
  expect(judge({ 'supaqueue-outcome': word }, details, { kind: 'function' }).outcome).not.toBe('failed')
})

test('a queue may heed nothing at all', () => {
  expect(judge({ 'supaqueue-outcome': 'complete' }, {}, { kind: 'function', heeds: [] })).toMatchObject({
    outcome: 'failed',
  })
})
