import { describe, expect, test } from 'vitest'
import { explicitOutcome } from '../../../../../supabase/functions/supaqueue/answer/explicit_outcome.ts'

const now = Date.parse('2030-01-01T00:00:00Z')
const hear = (word: string, text = '', truncated = false) =>
  explicitOutcome(
    word,
    { status: 200, statusText: '', headers: new Headers(), body: { text, truncated } },
    { now, timeoutMs: 60_000, kind: 'function' as const },
  )

describe('a function says', () => {
  test.each<[string, unknown, object]>([
    ['complete', 'anything', { outcome: 'success' }],
    ['reject', undefined, { outcome: 'failed', error: 'rejected' }],
    ['reject', { message: 'no such user' }, { outcome: 'failed', error: 'no such user' }],
    ['reject', { after_ms: 1500.2 }, { outcome: 'failed', error: 'rejected', retry_after_ms: 1501 }],
    ['reject', { at: '2030-01-01T00:01:00Z' }, { outcome: 'failed', error: 'rejected', retry_after_ms: 60_000 }],
    ['reject', { at: '2029-01-01T00:00:00Z' }, { outcome: 'failed', error: 'rejected', retry_after_ms: 0 }],
    ['reschedule', { after_ms: 0 }, { outcome: 'rescheduled', retry_after_ms: 0 }],
    ['reschedule', { after_ms: 3_600_000, message: 'later' }, {
      outcome: 'rescheduled',
      retry_after_ms: 3_600_000,
      error: 'later',
    }],
    ['reschedule', { after_ms: 86_400_000 }, { outcome: 'rescheduled', run_at: '2030-01-02T00:00:00.000Z' }],
    ['reschedule', { at: '2030-06-01T02:00:00+02:00' }, { outcome: 'rescheduled', run_at: '2030-06-01T00:00:00.000Z' }],
    ['kill', { message: 'spam' }, { outcome: 'killed', error: 'spam' }],
    ['kill', {}, { outcome: 'killed', error: 'killed' }],
    ['drop', undefined, { outcome: 'dropped' }],
    ['continue', { state: { page: 2 } }, { outcome: 'continued', state: { page: 2 } }],
    ['park', { message: 'version 3' }, { outcome: 'parked', error: 'version 3' }],
    ['park', {}, { outcome: 'parked', error: 'parked' }],
    ['continue', { state: 0, after_ms: 10 }, { outcome: 'continued', state: 0, retry_after_ms: 10 }],
    ['continue', { state: 'a\0b' }, { outcome: 'continued', state: 'ab' }],
    ['later', undefined, { outcome: 'later', lease_ms: 70_000 }],
    ['later', { lease_ms: 600_000, unheard: 'of' }, { outcome: 'later', lease_ms: 600_000 }],
    ['later', { lease_ms: null, message: null, at: null, after_ms: null }, { outcome: 'later', lease_ms: 70_000 }],
  ])('%s %j', (word, details, outcome) => {
    expect(hear(word, details === undefined ? '' : JSON.stringify(details))).toEqual(outcome)
  })
})

describe('what cannot be understood has failed, and says what was wrong:', () => {
  test.each<[string, string, string]>([
    [
      'done',
      '',
      'supaqueue-outcome: "done" is none of complete, reject, reschedule, kill, drop, continue, park, later',
    ],
    ['constructor', '', '"constructor" is none of'],
    ['', '', '"" is none of'],
    ['kill', 'spam', 'kill, but its details are not JSON'],
    ['kill', '"spam"', 'kill, but its details cannot be read'],
    ['kill', '{"message": 7}', 'kill, but its details cannot be read: message '],
    ['reschedule', '{}', 'reschedule needs at or after_ms'],
    ['reschedule', '{"at": "soon"}', 'at is not a time'],
    ['reschedule', '{"at": "+012345-01-01T00:00:00Z"}', 'at is not a time'],
    ['reschedule', '{"after_ms": -1}', 'after_ms '],
    ['reschedule', '{"after_ms": 1e300}', 'after_ms '],
    ['continue', '{}', 'continue needs a state'],
    ['continue', '{"state": null}', 'continue needs a state'],
    ['later', '{"lease_ms": 0}', 'lease_ms '],
    ['later', '{"lease_ms": 2147483648}', 'lease_ms '],
  ])('%s %s', (word, text, error) => {
    expect(hear(word, text)).toEqual({ outcome: 'failed', error: expect.stringContaining(error) })
  })

  test('details that were cut', () => {
    expect(hear('continue', '{"state": "', true).error).toBe(
      'supaqueue-outcome: continue, but its details are too long',
    )
  })
})

test('a state may be nested no deeper than Postgres reads', () => {
  const nested = (depth: number) => `{"state": ${'['.repeat(depth)}${']'.repeat(depth)}}`
  expect(hear('continue', nested(499)).outcome).toBe('continued')
  expect(hear('continue', nested(500)).outcome).toBe('failed')
})
