import { describe, expect, test } from 'vitest'
import { makeReports } from '../../../../../supabase/functions/supaqueue/run/reports.ts'
import type { Report } from '../../../../../supabase/functions/supaqueue/turn/turn.ts'

const report = (token: string): Report => ({ token, outcome: 'success' })

const open = (...tokens: string[]) => {
  const time = { now: 0 }
  const reports = makeReports(() => time.now)
  tokens.forEach((token) => reports.add(report(token)))
  return { time, reports, taken: (refusals = 0) => reports.take(refusals).map(({ token }) => token) }
}

describe('reports', () => {
  test('are done with once a turn that carried them was answered', () => {
    const { reports, taken } = open('a', 'b')
    const carried = reports.take(0)
    reports.add(report('c'))

    reports.settle(carried, [])

    expect(taken()).toEqual(['c'])
    expect(reports.has('a')).toBe(false)
  })

  test('of jobs that shared a call are of one', () => {
    const { time, reports } = open('a')
    for (let job = 0; job < 20; job++) reports.add(report(`b${job}`), 1 / 20)

    expect([reports.count(), reports.calls(), reports.calls('due')]).toEqual([21, expect.closeTo(2), expect.closeTo(2)])
    reports.settle(reports.take(0), ['a'])
    expect([reports.calls(), reports.calls('due')]).toEqual([1, 0])
    time.now = 250
    expect(reports.calls('due')).toBe(1)
  })

  test('that are wanted again are due after 250 ms', () => {
    const { time, reports, taken } = open('a', 'b')

    reports.settle(reports.take(0), ['b'])

    expect([reports.tokens(), taken(), reports.dueIn()]).toEqual([['b'], [], 250])
    time.now = 250
    expect([reports.dueIn(), taken()]).toEqual([0, ['b']])
  })

  test('are with one turn at a time', () => {
    const { reports, taken } = open('a', 'b')
    const carried = reports.take(0)

    expect([taken(), reports.dueIn(), reports.count()]).toEqual([[], undefined, 2])
    reports.keep(carried)
    expect([reports.dueIn(), taken()]).toEqual([0, ['a', 'b']])
  })

  test('of a failed turn are kept, and come after the others', () => {
    const { reports, taken } = open('a', 'b')
    const carried = reports.take(0)
    reports.add(report('c'))

    reports.keep(carried)

    expect(taken()).toEqual(['c', 'a', 'b'])
  })

  test('go one at a time after three refusals', () => {
    const { reports, taken } = open('a', 'b')
    const carried = reports.take(2)
    reports.keep(carried)

    expect([carried.length, taken(3)]).toEqual([2, ['a']])
  })

  test('go at most five hundred at a time', () => {
    const { taken } = open(...Array.from({ length: 550 }, (_, n) => String(n)))

    expect(taken()).toHaveLength(500)
  })

  test.for(
    [
      ['together as long as they are short', [0.3, 0.3, 0.3], 0, 3],
      ['of a megabyte at most', [0.4, 0.4, 0.4], 0, 2],
      ['one, whatever its size', [5, 0.1], 0, 1],
      ['half as much after a refusal', [0.3, 0.3, 0.3], 1, 1],
      ['a quarter after two', [0.1, 0.1, 0.1], 2, 2],
    ] as const,
  )('go %s', ([, sizes, refusals, together]) => {
    for (const field of ['result', 'state', 'error', 'head'] as const) {
      const { reports, taken } = open()
      sizes.forEach((size, n) => reports.add({ ...report(String(n)), [field]: 'x'.repeat(size * 1e6) }))

      expect([field, taken(refusals).length]).toEqual([field, together])
    }
  })

  test('are due never when there are none', () => {
    const { reports } = open()

    expect([reports.dueIn(), reports.count()]).toEqual([undefined, 0])
  })
})
