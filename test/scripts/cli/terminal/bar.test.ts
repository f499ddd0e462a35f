import { expect, test } from 'vitest'
import { bar } from '../../../../scripts/cli/terminal/bar.ts'

test.each([
  [0, 8, '░░░░'],
  [4, 8, '██░░'],
  [8, 8, '████'],
  [1, 8, '▌░░░'],
  [3, 8, '█▌░░'],
])('%i of %i is %s', (part, whole, drawn) => {
  expect(bar(part, whole, 4)).toBe(drawn)
})

test('shows what is next to nothing, and nothing where there is nothing', () => {
  expect(bar(1, 10_000, 4)).toBe('▏░░░')
  expect(bar(0, 0, 4)).toBe('░░░░')
})

test('more than the whole is full', () => {
  expect(bar(9, 3, 4)).toBe('████')
})
