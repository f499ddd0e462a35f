import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { called, steps } from './support.ts'

describe('load_steps', () => {
  test('gives the steps by their place, items of a map after it', async ({ harness }) => {
    const { token } = await called(harness)
    const { note, load } = steps(harness)
    await note(token, [
      { name: 'second', place: 2, kind: 'map', items: 2 },
      { name: 'second', place: 2, item: 2, result: 'b' },
      { name: 'second', place: 2, item: 1, result: 'a' },
      { name: 'first', place: 1 },
    ])

    const { steps: seen, more } = await load(token)

    expect(seen.map(({ name, item }: { name: string; item: number }) => [name, item])).toEqual([
      ['first', 0],
      ['second', 0],
      ['second', 1],
      ['second', 2],
    ])
    expect(more).toBe(false)
  })

  test('says how long the call may still take, and nothing of that when nobody waits for its answer', async ({ harness }) => {
    const begun = Date.now()
    const { queue, run, token } = await called(harness, { timeout_ms: 30_000 })
    const { load } = steps(harness)

    const { left_ms } = await load(token)
    expect(left_ms).toBeGreaterThan(29_990 - (Date.now() - begun))
    expect(left_ms).toBeLessThanOrEqual(30_000)
    await harness.report(run, queue, [token], 'later')

    expect((await load(token)).left_ms).toBe(null)
  })

  test('gives much in several answers, each step once', async ({ harness }) => {
    const { token } = await called(harness)
    const { note, load } = steps(harness)
    const result = 'x'.repeat(250_000)
    for (let place = 1; place <= 40; place++) await note(token, [{ name: `step ${place}`, place, result }])

    const seen: { name: string }[] = []
    let answers = 0
    for (let more = true; more; answers++) {
      const answer = await load(token, seen.length)
      seen.push(...answer.steps)
      more = answer.more
    }

    expect(seen.map(({ name }) => name)).toEqual(Array.from({ length: 40 }, (_, i) => `step ${i + 1}`))
    expect(answers).toBeGreaterThan(2)
  })

  test('is refused to a stale token', async ({ harness }) => {
    const { queue, token } = await called(harness)
    await harness.age('current_job', queue)

    expect(await refusal(steps(harness).load(token))).toMatchObject({ code: 'SQ404' })
    expect(await refusal(steps(harness).load(null))).toMatchObject({ code: 'SQ404' })
  })
})
