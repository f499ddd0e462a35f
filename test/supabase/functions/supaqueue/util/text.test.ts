import { describe, expect, test } from 'vitest'
import { cleanJson, cleanText } from '../../../../../supabase/functions/_shared/supaqueue/clean.ts'
import { depthOf } from '../../../../../supabase/functions/supaqueue/util/text.ts'

describe('a text for jsonb', () => {
  test('has no NUL and no half of a surrogate pair, and keeps whole pairs', () => {
    expect(cleanText('a\0b\ud83dc\udc00d🔑')).toBe('ab\ufffdc\ufffdd🔑')
  })
})

describe('a JSON text for jsonb', () => {
  test.each([
    ['"a\\u0000b"', 'ab'],
    ['"a\\\\u0000b"', 'a\\u0000b'],
    ['"\\ud83d\\ude00"', '😀'],
    ['"\\ud83d!"', '\ufffd!'],
    ['"\\ude00\\ud83d"', '\ufffd\ufffd'],
    ['"\\"\\u0041\\n"', '"A\n'],
  ])('%s is read as %j', (json, value) => {
    expect(JSON.parse(cleanJson(json))).toBe(value)
  })

  test('is cleaned in names too', () => {
    expect(JSON.parse(cleanJson('{"a\\u0000":1}'))).toEqual({ a: 1 })
  })
})

describe('the depth of a JSON text', () => {
  test.each([['1', 0], ['[]', 1], ['[[],{"a":[]}]', 3], ['["[[[[", "\\"[["]', 1]])('%s is %d', (json, depth) => {
    expect(depthOf(json)).toBe(depth)
  })
})
