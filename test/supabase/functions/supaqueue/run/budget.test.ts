import { describe, expect, test } from 'vitest'
import { makeBudget, planTaking } from '../../../../../supabase/functions/supaqueue/run/budget.ts'
import { readLimits } from '../../../../../supabase/functions/supaqueue/settings/limits.ts'

const { limits } = readLimits({})
const plan = (startedAt: number, timeoutMs = 60_000, wall_clock_ms = 150_000) =>
  planTaking({ bornAt: 0, startedAt, limits: { ...limits, wall_clock_ms }, timeoutMs })

describe('how long a run takes work', () => {
  test.each([
    ['a young isolate: until a call could outlive it', plan(0), 80_000],
    ['an isolate near half of its life: the same', plan(60_000), 80_000],
    ['a short timeout leaves more', plan(0, 5000), 135_000],
    ['a paid plan leaves more', plan(0, 60_000, 400_000), 330_000],
    ['a timeout near the wall clock: ten seconds all the same', plan(0, 150_000), 10_000],
    ['just before half: ten seconds all the same', plan(75_000), 85_000],
    ['an isolate that nobody ends: counted from the beginning of the run', plan(3_600_000), 3_680_000],
  ])('%s', (_, { until }, expected) => {
    expect(until).toBe(expected)
  })

  test.each([
    ['at 80 %', plan(0, 5000), 108_000],
    ['not before half of the wall clock, where a successor would land in the same isolate', plan(0), 76_000],
    ['at 80 % when waiting for half would be too late', plan(0, 70_000), 56_000],
  ])('the successor is called %s', (_, { retireAt }, expected) => {
    expect(retireAt).toBe(expected)
  })
})

describe('the budget', () => {
  const open = (now = () => 0, more = {}) =>
    makeBudget({
      bornAt: 0,
      now,
      limits: { ...limits, run_max_jobs: 100, run_max_turns: 50, ...more },
      timeoutMs: 60_000,
    })
  const times = (count: number, spend: () => void) => {
    for (let spent = 0; spent < count; spent++) spend()
  }

  test('is closed by as many jobs as it had', () => {
    const budget = open()
    times(99, budget.spendJob)
    expect([budget.jobsLeft(), budget.closed()]).toEqual([1, undefined])
    budget.spendJob()
    expect([budget.jobsLeft(), budget.closed()]).toEqual([0, 'jobs'])
  })

  test('is closed by as many turns as it had', () => {
    const budget = open()
    times(49, budget.spendTurn)
    expect(budget.closed()).toBe(undefined)
    budget.spendTurn()
    expect([budget.jobsLeft(), budget.closed()]).toEqual([0, 'turns'])
  })

  test('ends soon at 80 % of its jobs or of its turns, at a slow pace', () => {
    let now = 0
    const [jobs, turns] = [open(() => now), open(() => now)]
    now = 40_000
    times(79, jobs.spendJob)
    times(39, turns.spendTurn)
    expect([jobs.endsSoon(), turns.endsSoon()]).toEqual([false, false])
    jobs.spendJob()
    turns.spendTurn()
    expect([jobs.endsSoon(), turns.endsSoon()]).toEqual([true, true])
  })

  test('ends soon when at its pace it would last no longer than a wake-up may take', () => {
    let now = 0
    const budget = open(() => now)
    times(40, budget.spendJob)
    now = 1001
    expect(budget.endsSoon()).toBe(false)
    now = 1000
    expect(budget.endsSoon()).toBe(true)
    now = 20_000
    expect(budget.endsSoon()).toBe(true)
  })

  test('does not take the jobs that all begin at once for its pace', () => {
    const budget = open(() => 1)
    times(24, budget.spendJob)
    expect(budget.endsSoon()).toBe(false)
  })

  test('is closed by age', () => {
    let now = 0
    const budget = open(() => now)
    now = 80_000
    expect([budget.closed(), budget.jobsLeft()]).toEqual(['age', 0])
  })

  test('stays closed for the first reason', () => {
    const budget = open()
    budget.close('rate limit')
    budget.close('unload')
    expect(budget.closed()).toBe('rate limit')
  })

  test('carries a long call for a shorter time, and always one that is begun within ten seconds', () => {
    let now = 0
    const budget = open(() => now)
    const carried = (at: number) => {
      now = at
      return [20_000, 60_000, 100_000, 400_000].filter(budget.carries)
    }

    expect(carried(9_999)).toEqual([20_000, 60_000, 100_000, 400_000])
    expect(carried(10_000)).toEqual([20_000, 60_000, 100_000])
    expect(carried(40_000)).toEqual([20_000, 60_000])
    expect(carried(80_000)).toEqual([20_000])
    expect(carried(120_000)).toEqual([])
  })

  test('follows the timeout of the queue', () => {
    let now = 0
    const [short, long] = [open(() => now), open(() => now)]
    now = 100_000
    short.suit({ ...limits }, 1000)

    expect([short.closed(), long.closed()]).toEqual([undefined, 'age'])
  })
})
