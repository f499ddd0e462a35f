import { describe, expect, test } from 'vitest'
import { countUnknown, endUnknown, explain, isBalanced } from '../../../scripts/soak/ledger.ts'
import { type Outcome, type Why, whyOf } from '../../../scripts/soak/outcomes.ts'
import type { Visit } from '../../../scripts/soak/visits.ts'

const visit = (attempt: number, answer?: number): Visit => ({ queue: 'mail', job: 1, attempt, cameAt: 0, answer })
const outcome = (attempt: number, why: Why): Outcome => ({ job: 1, attempt, why })
const repeat = (...visits: Visit[]) => [{ job: 1, visits, attempts: visits.length }]

describe('a job that ran again', () => {
  test.each<[Why, number | undefined]>([
    ['failed', 500],
    ['put off', 429],
    ['no answer in time', 200],
    ['function died', undefined],
    ['connection lost', undefined],
    ['lease ran out', 200],
  ])('after "%s" is explained', (why, answer) => {
    const found = explain(repeat(visit(1, answer), visit(2, 200)), [outcome(1, why)])
    expect(found).toEqual({ jobs: 1, why: { [why]: 1 }, unexplained: [] })
  })

  test('after a success is not explained', () => {
    expect(explain(repeat(visit(1, 200), visit(2, 200)), []).unexplained).toEqual([1])
  })

  test('after an answer that was a success is not explained by a failure that was reported', () => {
    expect(explain(repeat(visit(1, 200), visit(2, 200)), [outcome(1, 'failed')]).unexplained).toEqual([1])
  })

  test('before a call that came to the function once it was given up is explained', () => {
    const found = explain(repeat(visit(2, 200), visit(1, 200)), [outcome(1, 'no answer in time')])
    expect(found).toEqual({ jobs: 1, why: { 'no answer in time': 1 }, unexplained: [] })
  })

  test('is not explained by what became of another attempt', () => {
    expect(explain(repeat(visit(1, 500), visit(2, 200)), [outcome(2, 'failed')]).unexplained).toEqual([1])
  })
})

test.each<[string, Why]>([
  ['HTTP 500', 'failed'],
  ['HTTP 429', 'put off'],
  ['HTTP 500 WORKER_ERROR: {"code":"WORKER_ERROR"}', 'function died'],
  ['HTTP 546 WORKER_RESOURCE_LIMIT', 'function died'],
  ['HTTP 503 BOOT_ERROR: {}', 'not begun'],
  ['no answer within 2000 ms', 'no answer in time'],
  ['no answer: connection closed before message completed', 'connection lost'],
  ['the call was not reported before its lease ran out', 'lease ran out'],
  ['no run of the dispatcher came for it', 'not begun'],
  ['', 'put off'],
  ['something new', 'other'],
])('the error "%s" means: %s', (error, why) => expect(whyOf(error)).toBe(why))

test('failures and calls that were put off are not unknown', () => {
  const whys: Why[] = ['failed', 'put off', 'lease ran out', 'lease ran out']
  expect(countUnknown(whys.map((why) => outcome(1, why)))).toEqual({ 'lease ran out': 2 })
})

test('when a call ended is unknown if it never did, or if nobody waited for it any more', () => {
  const unknown = endUnknown([outcome(1, 'no answer in time'), outcome(2, 'failed')])
  expect([visit(1, 200), visit(2, 500), visit(3, 200), visit(3)].map(unknown)).toEqual([true, false, false, true])
})

describe('the ledger', () => {
  const findings = {
    neverRan: [],
    wrongEnd: [],
    neverCommitted: [],
    crowds: [],
    tooEarly: [],
    outOfOrder: [],
    lockedWorkers: [],
  }
  const repeats = { jobs: 0, why: {}, unexplained: [] }
  const books = { findings, repeats, accidents: [] }

  test('balances when nothing was found', () => expect(isBalanced(books)).toBe(true))

  test.each([
    ['a job that never ran', { ...books, findings: { ...findings, neverRan: [1] } }],
    ['one that ended otherwise', {
      ...books,
      findings: { ...findings, wrongEnd: [{ job: 1, status: 'pending', attempts: 0, error: null }] },
    }],
    ['one that was never committed', { ...books, findings: { ...findings, neverCommitted: [1] } }],
    ['a crowd', { ...books, findings: { ...findings, crowds: [{ queue: 'mail', workers: 1, inside: [] }] } }],
    ['a job that ran before its time', { ...books, findings: { ...findings, tooEarly: [1] } }],
    ['two of one key that overlap', {
      ...books,
      findings: { ...findings, outOfOrder: [{ job: 2, before: 1, visits: [] }] },
    }],
    ['a worker that is still locked', { ...books, findings: { ...findings, lockedWorkers: ['w'] } }],
    ['a job that ran again for no reason', { ...books, repeats: { ...repeats, unexplained: [1] } }],
    ['a deadlock', { ...books, accidents: ['40P01'] }],
  ])('does not balance with %s', (_name, found) => expect(isBalanced(found)).toBe(false))
})
