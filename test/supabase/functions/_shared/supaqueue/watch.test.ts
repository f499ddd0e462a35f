import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Listener } from '../../../../../supabase/functions/_shared/supaqueue/live.ts'
import { makeWatch } from '../../../../../supabase/functions/_shared/supaqueue/watch.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A watch over rows that the test writes, with the time of each look and what it asked for. */
function watchRows(listener?: { current?: Listener; left?: number }) {
  const looks: { at: number; ids: number[] }[] = []
  const rows = new Map<number, { id: number; text: string }>()
  const begun = Date.now()
  const read = (ids: number[]) => {
    looks.push({ at: Date.now() - begun, ids })
    return Promise.resolve(ids.flatMap((id) => rows.get(id) ?? []))
  }
  const watch = makeWatch(
    read,
    listener && ((one) => {
      listener.current = one
      return () => listener.left = (listener.left ?? 0) + 1
    }),
  )
  return { looks, rows, watch, times: () => looks.map(({ at }) => at) }
}

const deaf = { hear: () => {}, fail: () => {} }

test('looks at once, then less and less often, every two seconds in the end', async () => {
  const { watch, times } = watchRows()

  watch({ id: 1, ...deaf })
  await vi.advanceTimersByTimeAsync(10_000)

  const gaps = times().slice(1).map((at, i) => at - times()[i]!)
  expect(times()[0]).toBe(0)
  expect(gaps.slice(0, 3)).toEqual([100, 150, 225])
  expect(gaps.at(-1)).toBe(2000)
})

test('looks as often as it is told', async () => {
  const { watch, times } = watchRows()

  watch({ id: 1, every: 300, ...deaf })
  await vi.advanceTimersByTimeAsync(1000)

  expect(times()).toEqual([0, 300, 600, 900])
})

test('asks for a job once, however many watch it', async () => {
  const { watch, looks } = watchRows()

  watch({ id: 1, ...deaf })
  watch({ id: 2, ...deaf })
  watch({ id: 1, ...deaf })
  await vi.advanceTimersByTimeAsync(50)

  expect(looks).toEqual([{ at: 0, ids: [1, 2] }])
})

test('asks for no more than two hundred jobs at a time, and for all of them', async () => {
  const { watch, looks } = watchRows()

  for (let id = 1; id <= 250; id++) watch({ id, every: 1000, ...deaf })
  await vi.advanceTimersByTimeAsync(500)

  expect(looks.map(({ ids }) => ids.length)).toEqual([200, 50])
  expect(new Set(looks.flatMap(({ ids }) => ids)).size).toBe(250)
})

test('looks no more once nobody watches', async () => {
  const { watch, looks } = watchRows()

  const leave = watch({ id: 1, every: 100, ...deaf })
  await vi.advanceTimersByTimeAsync(150)
  leave()
  await vi.advanceTimersByTimeAsync(1000)

  expect(looks).toHaveLength(2)
  expect(vi.getTimerCount()).toBe(0)
})

test('tells each watcher of its job, and of one that is not there', async () => {
  const { watch, rows } = watchRows()
  rows.set(1, { id: 1, text: 'one' })
  const heard: unknown[] = []

  watch({ ...deaf, id: 1, hear: (row) => heard.push(row) })
  watch({ ...deaf, id: 2, hear: (row) => heard.push(row) })
  await vi.advanceTimersByTimeAsync(0)

  expect(heard).toEqual([{ id: 1, text: 'one' }, undefined])
})

test('looks at once when it hears of a job, and seldom otherwise while Realtime is connected', async () => {
  const listener: { current?: Listener; left?: number } = {}
  const { watch, looks, times } = watchRows(listener)

  const leave = watch({ id: 1, ...deaf })
  await vi.advanceTimersByTimeAsync(50)
  listener.current!.live(true)
  await vi.advanceTimersByTimeAsync(60_000)
  const seldom = times().slice(-2)
  looks.length = 0
  listener.current!.heard(2)
  listener.current!.heard(1)
  await vi.advanceTimersByTimeAsync(0)
  leave()

  expect(seldom[1]! - seldom[0]!).toBe(15_000)
  expect(looks.map(({ ids }) => ids)).toEqual([[1]])
  expect(listener.left).toBe(1)
})

test('looks again when a job changed while it was being read', async () => {
  const listener: { current?: Listener } = {}
  const { watch, times } = watchRows(listener)

  watch({ ...deaf, id: 1, hear: () => times().length === 1 && listener.current!.heard(1) })
  await vi.advanceTimersByTimeAsync(10)

  // Within a moment, and not only when it would have been looked at anyway.
  expect(times()).toHaveLength(2)
})

test('looks as often as before when Realtime is lost', async () => {
  const listener: { current?: Listener } = {}
  const { watch, times } = watchRows(listener)
  watch({ id: 1, ...deaf })
  listener.current!.live(true)
  await vi.advanceTimersByTimeAsync(60_000)

  listener.current!.live(false)
  await vi.advanceTimersByTimeAsync(20_000)

  expect(times().at(-1)! - times().at(-2)!).toBe(2000)
})
