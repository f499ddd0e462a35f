import { describe, expect, test } from 'vitest'
import { outOfOrder } from '../../../scripts/soak/audit.ts'

type Stay = {
  id: number
  key?: string
  queue?: string
  asked?: number
  known?: number
  seen: [from: number, to: number][]
}

/** Who is out of order, among jobs of which each was at the function in these times. */
function disorderOf(...stays: Stay[]) {
  const jobs = stays.map(({ id, key = 'a', queue = 'mail', asked = 0, known }) => ({
    ...{ id, key, queue, order: { ms: 0 }, askedAt: asked },
    ...known !== undefined && { knownAt: known },
  }))
  return outOfOrder(jobs, (job) =>
    stays.find(({ id }) => id === job)!.seen.map(([cameAt, wentAt]) => ({
      ...{ queue: 'mail', job, attempt: 1, cameAt, wentAt },
    })))
}

describe('jobs of one key', () => {
  test('one after the other are in order', () => {
    expect(disorderOf({ id: 1, seen: [[0, 5], [10, 15]] }, { id: 2, seen: [[15, 20]] })).toEqual([])
  })

  test.each<[string, [number, number][]]>([
    ['at once', [[3, 8]]],
    ['between the attempts of the first', [[6, 8]]],
  ])('are out of order: the second ran %s', (_when, seen) => {
    expect(disorderOf({ id: 1, seen: [[0, 5], [10, 15]] }, { id: 2, seen })).toEqual([{ job: 2, before: 1 }])
  })

  test('are in order if one with a smaller id, committed late, comes between the attempts of another', () => {
    expect(disorderOf({ id: 2, seen: [[0, 5], [10, 15]] }, { id: 1, seen: [[6, 8]] })).toEqual([])
    expect(disorderOf({ id: 2, seen: [[0, 5], [10, 15]] }, { id: 1, seen: [[3, 8]] })).toEqual([{ job: 1, before: 2 }])
  })

  test('are out of order: the first was committed before the second was there, and ran after it', () => {
    const [first, second] = [{ id: 1, known: 10, seen: [[30, 40]] as Stay['seen'] }, {
      id: 2,
      seen: [[20, 25]] as Stay['seen'],
    }]
    expect(disorderOf(first, { ...second, asked: 11 })).toEqual([{ job: 2, before: 1 }])
    // Enqueued at once, either may be the first.
    expect(disorderOf(first, { ...second, asked: 9 })).toEqual([])
  })
})

test('jobs of different keys, and of different queues, may run at once', () => {
  const seen: Stay['seen'] = [[0, 10]]
  expect(disorderOf({ id: 1, seen }, { id: 2, key: 'b', seen: [[3, 8]] }, { id: 3, queue: 'calls', seen: [[3, 8]] }))
    .toEqual([])
})
