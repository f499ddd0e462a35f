import { describe, expect, test } from 'vitest'
import { outcomesOfAnswer } from '../../supabase/functions/supaqueue/outcome/batch.ts'
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

describe('a batch', () => {
  const answer = (body: object, headers: Record<string, string>) => ({
    status: 200,
    statusText: '',
    headers: new Headers(headers),
    body: { text: JSON.stringify(body), truncated: false },
  })
  const judged = (body: object, more: Partial<Context> = {}, headers: Record<string, string> = {}) =>
    outcomesOfAnswer(answer(body, headers), {
      now: 0,
      timeoutMs: 1000,
      redact: makeRedact([], []),
      kind: 'url',
      ids: [7, 8],
      resultBytes: 1000,
      ...more,
    })
  const list = (word: string, details: object) => [{ id: 7, outcome: 'complete' }, {
    id: 8,
    outcome: word,
    ...details,
  }]
  // A lease is of a whole call.
  const ofEach = says.filter(([word]) => word !== 'later')

  test.each(says)('at a URL says %s of one of its jobs in vain, and the others count', (word, details) => {
    for (const headers of [{}, { 'supaqueue-outcome': 'batch' }] as Record<string, string>[]) {
      const [first, second] = judged(list(word, details), {}, headers)
      expect([first!.outcome, second!.outcome]).toEqual(['success', 'failed'])
    }
  })

  test.each(says)('at a URL says %s of all of them in vain', (word, details) => {
    const outcomes = judged(details, {}, { 'supaqueue-outcome': word }).map(({ outcome }) => outcome)
    expect(outcomes.filter((outcome) => outcome !== 'failed' && outcome !== 'divided')).toEqual([])
  })

  test.each(ofEach)('may say %s where its queue heeds it, and of a function always', (word, details) => {
    for (const more of [{ heeds: [word, 'complete'] }, { kind: 'function' as const }]) {
      expect(judged(list(word, details), more)[1]!.outcome).not.toBe('failed')
    }
  })

  test('says nothing of a job that was not in it', () => {
    const outcomes = judged([{ id: 7, outcome: 'complete' }, { id: 9, outcome: 'complete' }])
    expect(outcomes.map(({ outcome }) => outcome)).not.toContain('success')
  })
})
