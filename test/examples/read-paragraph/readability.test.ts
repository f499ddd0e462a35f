import { describe, expect, test } from 'vitest'
import { readability } from '../../../examples/supabase/functions/read-paragraph/readability.ts'

describe('readability', () => {
  test('is high for short words in short sentences, and at most 100', () => {
    expect(readability('The cat sat on the mat'.split(' '), 1)).toBe(100)
  })

  test('falls with the length of words, and never below 0', () => {
    expect(readability('Incomprehensible organizational responsibilities notwithstanding'.split(' '), 1)).toBe(0)
  })

  test('falls with the length of sentences', () => {
    const words = 'this paper has a title and many simple words in it that go on for a while'.split(' ')

    expect(readability(words, 1)).toBeLessThan(readability(words, 3))
  })
})
