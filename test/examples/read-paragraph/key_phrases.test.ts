import { describe, expect, test } from 'vitest'
import { keyPhrases } from '../../../examples/supabase/functions/read-paragraph/key_phrases.ts'

describe('key phrases', () => {
  test('are what stands between words that say little, the weightiest first', () => {
    expect(keyPhrases('The edge function of the queue is called, and the edge function answers.')).toEqual([
      'edge function answers',
      'edge function',
      'queue',
    ])
  })

  test('do not reach over punctuation', () => {
    expect(keyPhrases('Payloads, headers (keys).')).toEqual(['payloads', 'headers', 'keys'])
  })

  test('are three at most, each of three words at most', () => {
    const phrases = keyPhrases('red green blue white, one tall dark stranger; birch oak; pine needles')

    expect(phrases).toHaveLength(3)
    expect(phrases.filter((phrase) => phrase.split(' ').length > 3)).toEqual([])
  })

  test('are none in a text that says little', () => {
    expect(keyPhrases('It is what it is, and so on.')).toEqual([])
  })
})
