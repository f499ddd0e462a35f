import { describe, expect, test } from 'vitest'
import { outcomesOfAnswer } from '../../supabase/functions/supaqueue/batch/outcomes.ts'
import { type Context, outcomeOfAnswer } from '../../supabase/functions/supaqueue/outcome/outcome.ts'
import { makeRedact } from '../../supabase/functions/supaqueue/answer/redact.ts'

// What somebody who answers at a URL tries. What the database does about many answers: functions/report.

const classify = (headers: Record<string, string>, body: object | string, more: Partial<Context> = {}, status = 200) =>
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
      expect(classify({ 'supaqueue-outcome': word }, details, {}, status)).toMatchObject({
        outcome: 'failed',
        error: expect.stringContaining('add it to heeds of supaqueue.queue'),
      })
    }
  })

  test('where it is: that is the platform’s to know', () => {
    expect(classify({ 'x-sb-edge-region': '<b>fake</b>' }, '')).not.toHaveProperty('region')
  })
})

test.each([['complete', 'success'], ['reject', 'failed'], [' Complete ', 'success']])(
  'a URL may say %s',
  (word, outcome) => {
    expect(classify({ 'supaqueue-outcome': word }, {})).toMatchObject({ outcome })
  },
)

test('a URL may say "not now"', () => {
  expect(classify({ 'retry-after': '90.5' }, '', {}, 429)).toMatchObject({
    outcome: 'deferred',
    retry_after_ms: 90_500,
  })
})

test.each(says)('a URL may say %s where its queue heeds it, and a function always', (word, details) => {
  expect(classify({ 'supaqueue-outcome': word }, details, { heeds: [word] }).outcome).not.toBe('failed')
  expect(classify({ 'supaqueue-outcome': word }, details, { kind: 'function' }).outcome).not.toBe('failed')
})

test('a queue may heed nothing at all', () => {
  expect(classify({ 'supaqueue-outcome': 'complete' }, {}, { kind: 'function', heeds: [] })).toMatchObject({
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
  const classified = (body: object, more: Partial<Context> = {}, headers: Record<string, string> = {}) =>
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
      const [first, second] = classified(list(word, details), {}, headers)
      expect([first!.outcome, second!.outcome]).toEqual(['success', 'failed'])
    }
  })

  test.each(says)('at a URL says %s of all of them in vain', (word, details) => {
    const outcomes = classified(details, {}, { 'supaqueue-outcome': word }).map(({ outcome }) => outcome)
    expect(outcomes.filter((outcome) => outcome !== 'failed' && outcome !== 'divided')).toEqual([])
  })

  test.each(ofEach)('may say %s where its queue heeds it, and of a function always', (word, details) => {
    for (const more of [{ heeds: [word, 'complete'] }, { kind: 'function' as const }]) {
      expect(classified(list(word, details), more)[1]!.outcome).not.toBe('failed')
    }
  })

  test('says nothing of a job that was not in it', () => {
    const outcomes = classified([{ id: 7, outcome: 'complete' }, { id: 9, outcome: 'complete' }])
    expect(outcomes.map(({ outcome }) => outcome)).not.toContain('success')
  })
})

// Every answer by every kind of target: whatever it says, by whatever name, nothing comes of it but what its queue heeds.
describe('the whole table', () => {
  const OUTCOMES: Record<string, string> = {
    complete: 'success',
    reject: 'failed',
    reschedule: 'rescheduled',
    kill: 'killed',
    drop: 'dropped',
    continue: 'continued',
    park: 'parked',
    later: 'later',
  }
  const words = Object.keys(OUTCOMES)
  // Of the report to the database, of steps and signals, of other tools: no answer says them.
  const strange = [
    ...[
      'success',
      'rescheduled',
      'continued',
      'dropped',
      'parked',
      'killed',
      'deferred',
      'divided',
      'unknown',
      'not_run',
    ],
    ...[
      'suspend',
      'suspended',
      'wait',
      'waitFor',
      'sleep',
      'step',
      'steps',
      'signal',
      'finish',
      'extend',
      'progress',
      'retry',
    ],
    ...[
      'cancel',
      'hold',
      'release',
      'replace',
      'enqueue',
      '',
      ' ',
      'null',
      'constructor',
      '__proto__',
      'toString',
      'complete,drop',
    ],
  ]
  const token = '00000000-0000-4000-8000-000000000001'
  // All that a report to the database may have, and what the kit says of steps, at once.
  const everything = {
    token,
    outcome: 'dropped',
    after_ms: 5,
    lease_ms: 5,
    state: { page: 2 },
    run_at: '2999-01-01T00:00:00Z',
    retry_after_ms: 1,
    suspended: true,
    steps: [{ name: 'a', kind: 'wait', key: 'order-17', status: 'done', result: 1 }],
    signals: [{ job: 1, name: 'approval' }],
    job: { id: 1, status: 'cancelled', attempts: 0, owner: token },
    jobs: [{ queue: 'other', payload: {} }],
    depends_on: [1],
    message: 'hello',
    region: 'mars',
    reached: false,
    head: 'HTTP 418',
  }
  const mostOf: Record<string, string[]> = {
    success: ['outcome', 'status', 'result'],
    failed: ['outcome', 'status', 'error', 'head', 'retry_after_ms'],
    unknown: ['outcome', 'status', 'error', 'head'],
    deferred: ['outcome', 'status', 'error', 'head', 'retry_after_ms'],
    rescheduled: ['outcome', 'status', 'error', 'retry_after_ms', 'run_at'],
    killed: ['outcome', 'status', 'error', 'head'],
    dropped: ['outcome', 'status'],
    continued: ['outcome', 'status', 'state', 'retry_after_ms'],
    parked: ['outcome', 'status', 'error'],
    later: ['outcome', 'status', 'lease_ms'],
    divided: ['outcome', 'status', 'error', 'head', 'retry_after_ms'],
  }
  const kinds = ['url', 'function'] as const
  const heeded = [undefined, null, [], ...words.map((word) => [word]), words]
  const statuses = [200, 204, 301, 400, 401, 404, 429, 500, 503, 504, 546]

  /** What may come of a word; of none, what a status says. */
  const allowed = (
    kind: 'url' | 'function',
    heeds: string[] | null | undefined,
    word: string | undefined,
  ): string[] => {
    if (word === undefined) return ['success', 'failed', 'deferred', 'unknown']
    const known = word.trim().toLowerCase()
    const opted = heeds ?? (kind === 'function' ? words : ['complete', 'reject'])
    return opted.includes(known) && OUTCOMES[known] ? [OUTCOMES[known]!, 'failed'] : ['failed']
  }
  const tooMuch = (outcome: Record<string, unknown>) =>
    Object.keys(outcome).filter((name) =>
      outcome[name] !== undefined && !mostOf[String(outcome.outcome)]?.includes(name)
    )

  describe.each(kinds)('of a %s', (kind) => {
    test('that answers for one job', () => {
      const wrong: string[] = []
      let tried = 0
      for (const heeds of heeded) {
        for (const word of [undefined, ...words, ...strange]) {
          for (const status of statuses) {
            const headers = word === undefined ? {} : { 'supaqueue-outcome': word }
            const outcome = classify(headers as Record<string, string>, everything, { kind, heeds }, status)
            // An empty header is a word, too.
            const fine = allowed(kind, heeds, word).includes(outcome.outcome) && tooMuch(outcome).length === 0
            if (!fine) wrong.push(`${JSON.stringify({ heeds, word, status })}: ${JSON.stringify(outcome)}`)
            tried += 1
          }
        }
      }

      expect(wrong).toEqual([])
      expect(tried).toBeGreaterThan(4000)
    })

    test('that answers for several jobs', () => {
      const wrong: string[] = []
      const ask = (body: unknown, headers: Record<string, string>, heeds: string[] | null | undefined) =>
        outcomesOfAnswer({
          status: 200,
          statusText: '',
          headers: new Headers(headers),
          body: { text: JSON.stringify(body), truncated: false },
        }, { now: 0, timeoutMs: 1000, redact: makeRedact([], []), kind, heeds, ids: [7, 8], resultBytes: 5000 })
      for (const heeds of heeded) {
        for (const word of [...words, ...strange]) {
          const [, ofOne] = ask([{ id: 7, outcome: 'complete' }, { ...everything, id: 8, outcome: word }], {}, heeds)
          // A lease is of a whole call.
          const mine = word === 'later' ? ['failed', 'later'] : allowed(kind, heeds, word)
          if (!mine.includes(ofOne!.outcome) || tooMuch(ofOne!).length > 0) {
            wrong.push(`one: ${JSON.stringify({ heeds, word })}: ${JSON.stringify(ofOne)}`)
          }
          for (const outcome of ask(everything, { 'supaqueue-outcome': word }, heeds)) {
            if (![...allowed(kind, heeds, word), 'divided'].includes(outcome.outcome) || tooMuch(outcome).length > 0) {
              wrong.push(`all: ${JSON.stringify({ heeds, word })}: ${JSON.stringify(outcome)}`)
            }
          }
        }
      }

      expect(wrong).toEqual([])
    })
  })
})
