import { expect, test } from 'vitest'
import { makeRandom } from '../../../scripts/soak/random.ts'

const thousand = <T>(draw: () => T): T[] => Array.from({ length: 1000 }, draw)

test('the same seed gives the same numbers, another one others', () => {
  const draw = (seed: number) => {
    const random = makeRandom(seed)
    return thousand(() => random.below(1000))
  }
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
})

test('numbers lie between their bounds, and every one of them comes', () => {
  const random = makeRandom(1)
  expect(new Set(thousand(() => random.between(3, 6)))).toEqual(new Set([3, 4, 5, 6]))
  expect(new Set(thousand(() => random.below(3)))).toEqual(new Set([0, 1, 2]))
})

test('what has three times the weight comes three times as often, what has none never', () => {
  const random = makeRandom(1)
  const drawn = thousand(() => random.weighted({ often: 3, seldom: 1, never: 0 }))
  const count = (name: string) => drawn.filter((each) => each === name).length
  expect(count('never')).toBe(0)
  expect(count('often') / count('seldom')).toBeGreaterThan(2)
  expect(count('often') / count('seldom')).toBeLessThan(4)
})

test('to shuffle keeps everything, leaves its input alone, and changes the order', () => {
  const random = makeRandom(1)
  const choices = [1, 2, 3, 4, 5, 6, 7, 8]
  const shuffled = random.shuffle(choices)
  expect(choices).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(shuffled.toSorted()).toEqual(choices)
  expect(shuffled).not.toEqual(choices)
})
