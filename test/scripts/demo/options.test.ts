import { describe, expect, test } from 'vitest'
import { parseOptions } from '../../../scripts/demo/options.ts'

describe('the command line of the demo', () => {
  test('without a file, the README is read', () => {
    expect(parseOptions([])).toEqual({ file: expect.stringMatching(/README\.md$/), json: false })
  })

  test('a file and --json may come in any order', () => {
    expect(parseOptions(['--json', 'notes.txt'])).toEqual({ file: 'notes.txt', json: true })
    expect(parseOptions(['notes.txt', '--json'])).toEqual({ file: 'notes.txt', json: true })
  })

  test('--help wins', () => {
    expect(parseOptions(['notes.txt', '--json', '--help'])).toBe('help')
  })

  test.each([
    [['--loud'], 'option_not_known', "Unknown option '--loud'."],
    [['one.txt', 'two.txt'], 'one_file_only', 'The demo reads one file, not 2.'],
  ])('%j is refused', (args, code, message) => {
    expect(() => parseOptions(args)).toThrow(expect.objectContaining({ code, message, hint: expect.any(String) }))
  })
})
