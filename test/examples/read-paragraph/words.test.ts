import { describe, expect, test } from 'vitest'
import { sentencesOf, wordsOf } from '../../../examples/supabase/functions/read-paragraph/words.ts'

describe('words', () => {
  test('are numbers and letters of any script; apostrophes and hyphens join them', () => {
    expect(wordsOf("Don't panic: 42 well-known étoiles, 東京!")).toEqual([
      "Don't",
      'panic',
      '42',
      'well-known',
      'étoiles',
      '東京',
    ])
  })

  test('are none where there is no letter or number', () => {
    expect(wordsOf('* * * --')).toEqual([])
  })
})

describe('sentences', () => {
  test('end with a mark and a space, so that a number or a file name parts none', () => {
    expect(sentencesOf('Version 3.2 is out. Read "notes.txt!" Then? Go on')).toEqual([
      'Version 3.2 is out.',
      'Read "notes.txt!"',
      'Then?',
      'Go on',
    ])
  })

  test('have a word in them', () => {
    expect(sentencesOf('Well. ... Yes.')).toEqual(['Well.', 'Yes.'])
  })
})
