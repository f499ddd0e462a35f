import { syllablesOf } from './syllables.ts'

/** Flesch's reading ease of an English text: 0 is very hard, 100 very easy. */
export function readability(words: string[], sentences: number): number {
  const syllables = words.reduce((sum, word) => sum + syllablesOf(word), 0)
  const ease = 206.835 - 1.015 * (words.length / sentences) - 84.6 * (syllables / words.length)
  return Math.round(Math.min(100, Math.max(0, ease)))
}
