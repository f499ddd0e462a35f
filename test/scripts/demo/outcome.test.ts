import { describe, expect, test } from 'vitest'
import { mostAtOnce } from '../../../scripts/demo/outcome.ts'

const calls = (...spans: [number, number][]) => spans.map(([began_at, ended_at]) => ({ began_at, ended_at }))

describe('the most at once', () => {
  test('is the deepest overlap, not the number of calls that overlap some other', () => {
    expect(mostAtOnce(calls([0, 10], [5, 15], [12, 20], [13, 14]))).toBe(3)
    expect(mostAtOnce(calls([0, 10], [5, 15], [11, 20]))).toBe(2)
  })

  test('does not count a call that begins in the millisecond in which another ends', () => {
    expect(mostAtOnce(calls([0, 10], [10, 20], [20, 30]))).toBe(1)
  })

  test('counts a call that is over within a millisecond', () => {
    expect(mostAtOnce(calls([7, 7]))).toBe(1)
  })

  test('is none without calls', () => {
    expect(mostAtOnce([])).toBe(0)
  })
})
