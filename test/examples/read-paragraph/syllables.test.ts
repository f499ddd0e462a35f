import { expect, test } from 'vitest'
import { syllablesOf } from '../../../examples/supabase/functions/read-paragraph/syllables.ts'

test.each([
  ['cat', 1],
  ['queue', 1],
  ['time', 1],
  ['times', 1],
  ['timed', 1],
  ['table', 2],
  ['boxes', 2],
  ['wanted', 2],
  ['payload', 2],
  ['retry', 2],
  ['database', 3],
  ['señor', 2],
  ['42', 1],
])('syllables of "%s": %i', (word, count) => {
  expect(syllablesOf(word)).toBe(count)
})
