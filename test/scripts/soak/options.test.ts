import { expect, test } from 'vitest'
import { parseOptions } from '../../../scripts/soak/options.ts'

const parse = (...args: string[]) => parseOptions(args, () => 42)

test('minutes may be a fraction, and the seed is a new one unless it is given', () => {
  expect(parse('--minutes', '0.5')).toEqual({ minutes: 0.5, seed: 42, json: false })
  expect(parse('--minutes', '10', '--seed', '0', '--json')).toEqual({ minutes: 10, seed: 0, json: true })
})

test('--help wins over what else is missing', () => expect(parse('--help')).toBe('help'))

test.each([
  ['SQ422', []],
  ['SQ422', ['--minutes', 'ten']],
  ['SQ422', ['--minutes', '']],
  ['SQ422', ['--minutes', '0']],
  ['SQ422', ['--minutes', 'Infinity']],
  ['SQ422', ['--minutes', '1', '--seed', '1.5']],
  ['SQ422', ['--minutes', '1', '--seed=-1']],
  ['SQ422', ['--minutes', '1', '--hours', '2']],
  ['SQ422', ['10']],
])('refuses with %s: %j', (code, args) => {
  expect(() => parse(...args)).toThrow(expect.objectContaining({ code, hint: expect.stringMatching(/pnpm soak/) }))
})
