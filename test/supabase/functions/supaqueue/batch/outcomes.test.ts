import { describe, expect, test } from 'vitest'
import { outcomesOfAnswer, outcomesOfError } from '../../../../../supabase/functions/supaqueue/batch/outcomes.ts'
import { makeRedact } from '../../../../../supabase/functions/supaqueue/answer/redact.ts'

const context = {
  now: Date.parse('2030-01-01T00:00:00Z'),
  timeoutMs: 60_000,
  redact: makeRedact(['the key of the project'], ['Token']),
  kind: 'function' as 'function' | 'url',
  ids: [7, 8, 9] as number[],
  resultBytes: 1000,
}

const classify = (
  body: unknown,
  { status = 200, headers = {}, truncated = false, ...more }: Partial<typeof context> & {
    status?: number
    headers?: Record<string, string>
    truncated?: boolean
  } = {},
) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return outcomesOfAnswer({ status, statusText: '', headers: new Headers(headers), body: { text, truncated } }, {
    ...context,
    ...more,
  })
}

const complete = (result: unknown = null) => ({ outcome: 'complete', result })
const names = (outcomes: { outcome: string }[]) => outcomes.map(({ outcome }) => outcome)

describe('a list', () => {
  test('says of each job what a single answer says, in their order', () => {
    const outcomes = classify([complete({ n: 1 }), { outcome: 'reject', message: 'no', after_ms: 5 }, {
      outcome: 'kill',
      message: 'never',
    }])

    expect(outcomes).toMatchObject([
      { outcome: 'success', status: 200, result: { n: 1 } },
      { outcome: 'failed', error: 'no', retry_after_ms: 5 },
      { outcome: 'killed', error: 'never' },
    ])
  })

  test('says it by id, in any order', () => {
    expect(names(classify([{ id: 9, ...complete() }, { id: '7', outcome: 'drop' }, { id: 8, outcome: 'park' }])))
      .toEqual([
        'dropped',
        'parked',
        'success',
      ])
  })

  test.each([
    ['reschedule', { after_ms: 10 }, { outcome: 'rescheduled', retry_after_ms: 10 }],
    ['continue', { state: { page: 2 } }, { outcome: 'continued', state: { page: 2 } }],
    ['later', { lease_ms: 5000 }, { outcome: 'later', lease_ms: 5000 }],
    ['COMPLETE ', {}, { outcome: 'success', result: null }],
    ['continue', {}, { outcome: 'failed', error: expect.stringContaining('needs a state') }],
    ['explode', {}, { outcome: 'failed', error: expect.stringContaining('is none of complete') }],
  ])('may say %s with %j', (outcome, details, expected) => {
    expect(classify([{ outcome, ...details }], { ids: [7] })).toMatchObject([expected])
  })

  test('has a job fail of which it says nothing, and no other', () => {
    expect(names(classify([complete(), complete()]))).toEqual(['success', 'success', 'failed'])
    expect(names(classify([{ id: 9, ...complete() }]))).toEqual(['failed', 'failed', 'success'])
    expect(names(classify([complete(), null, { result: 3 }]))).toEqual(['success', 'failed', 'failed'])
    expect(names(classify([]))).toEqual(['failed', 'failed', 'failed'])
  })

  test.each<[string, unknown[], string]>([
    ['more than was asked for', [complete(), complete(), complete(), complete()], '4 entries for 3 jobs'],
    ['a job that was not in the call', [{ id: 7, ...complete() }, { id: 70, ...complete() }], 'job 70'],
    ['a job twice', [{ id: 7, ...complete() }, { id: 7, outcome: 'reject' }], 'two entries for job 7'],
    ['ids here and none there', [{ id: 7, ...complete() }, complete()], 'some have none'],
  ])('with %s is refused as a whole', (_, list, why) => {
    const outcomes = classify(list)
    expect(names(outcomes)).toEqual(['failed', 'failed', 'failed'])
    expect(outcomes[0]!.error).toContain(why)
  })

  test('is blotted out where it has a secret, but for what is handed on', () => {
    const key = 'the key of the project'
    const outcomes = classify([complete({ said: key, token: 'x' }), { outcome: 'reject', message: key }, {
      outcome: 'continue',
      state: { key },
    }])

    expect(outcomes[0]!.result).toEqual({ said: '[redacted]', token: '[redacted]' })
    expect(outcomes[1]!.error).toBe('[redacted]')
    expect(outcomes[2]!.state).toEqual({ key })
    expect(JSON.stringify(outcomes.slice(0, 2))).not.toContain(key)
  })

  test('shows nothing of one job in the history of another', () => {
    const [, second] = classify([{ outcome: 'reject', message: 'mine' }, { outcome: 'reject', message: 'yours' }], {
      ids: [7, 8],
    })
    expect(JSON.stringify(second)).not.toContain('mine')
  })

  test('keeps as much of each result as the queue keeps', () => {
    const [long, short] = classify([complete('x'.repeat(2000)), complete('y')], { ids: [7, 8] })
    expect(long!.result).toEqual({ truncated: true, text: `"${'x'.repeat(999)}` })
    expect(short!.result).toBe('y')
  })

  test('from a URL is heeded as far as the queue heeds it', () => {
    const list = [complete(), { outcome: 'reject' }, { outcome: 'kill' }]
    expect(names(classify(list, { kind: 'url' }))).toEqual(['success', 'failed', 'failed'])
    expect(classify(list, { kind: 'url' })[2]!.error).toContain('not heeded')
  })
})

describe('an answer that is no list', () => {
  test('of a function has all jobs fail: nobody knows which of them were done', () => {
    for (const body of ['', '"ok"', '{"ok": true}', '[1, 2, 3]']) {
      const outcomes = classify(body)
      expect(names(outcomes)).toEqual(['failed', 'failed', 'failed'])
      expect(outcomes[0]!.error).toContain('not a list')
    }
  })

  test('of a URL is what its status says, of all', () => {
    expect(names(classify('', { kind: 'url', status: 204 }))).toEqual(['success', 'success', 'success'])
    expect(names(classify([{ ok: 1 }], { kind: 'url' }))).toEqual(['success', 'success', 'success'])
  })

  test('of a list that is too long to be read has all jobs fail', () => {
    const outcomes = classify('[{"outcome": "complete"}', {
      truncated: true,
      headers: { 'supaqueue-outcome': 'batch' },
    })
    expect(outcomes[0]!.error).toContain('too long')
  })

  test.each(['complete', 'reschedule', 'park', 'later'])('may say %s of all', (word) => {
    const outcomes = classify(word === 'reschedule' ? { after_ms: 5 } : {}, { headers: { 'supaqueue-outcome': word } })
    expect(new Set(names(outcomes)).size).toBe(1)
    expect(outcomes[0]!.outcome).not.toBe('failed')
  })
})

describe('a call that died', () => {
  test.each<[string, Parameters<typeof classify>]>([
    ['500', ['', { status: 500 }]],
    ['546', ['', { status: 546 }]],
    ['504', ['', { status: 504 }]],
    ['reject', [{ message: 'thrown' }, { status: 500, headers: { 'supaqueue-outcome': 'reject' } }]],
    ['kill', [{ message: 'thrown' }, { status: 422, headers: { 'supaqueue-outcome': 'kill' } }]],
  ])("of %s is divided, and is one job's own when it was alone", (_, [body, how]) => {
    const outcomes = classify(body, how)
    expect(names(outcomes)).toEqual(['divided', 'divided', 'divided'])
    expect(outcomes[0]).toMatchObject({ retry_after_ms: 0, error: expect.stringContaining('one of 3') })

    expect(['failed', 'unknown', 'killed']).toContain(classify(body, { ...how, ids: [7] })[0]!.outcome)
  })

  test('of a timeout, or of a lost connection, too', () => {
    const timeout = Object.assign(new Error('late'), { name: 'TimeoutError' })
    expect(names(outcomesOfError(timeout, context))).toEqual(['divided', 'divided', 'divided'])
    expect(names(outcomesOfError(new TypeError('reset'), context))).toEqual(['divided', 'divided', 'divided'])
    expect(names(outcomesOfError(timeout, { ...context, ids: [7] }))).toEqual(['unknown'])
  })

  test('without having been answered by its target is not divided', () => {
    const refused = Object.assign(new Error('no'), { code: 'ECONNREFUSED' })
    expect(names(outcomesOfError(refused, context))).toEqual(['deferred', 'deferred', 'deferred'])
    expect(outcomesOfError(refused, { ...context, kind: 'url' })).toMatchObject([
      { outcome: 'failed', reached: false },
      {},
      {},
    ])
    expect(names(classify('', { status: 503, headers: { 'retry-after': '5' } }))).toEqual([
      'deferred',
      'deferred',
      'deferred',
    ])
    const spent = Object.assign(new Error('no more'), { name: 'RateLimitError' })
    expect(names(outcomesOfError(spent, context))).toEqual(['not_run', 'not_run', 'not_run'])
  })
})
