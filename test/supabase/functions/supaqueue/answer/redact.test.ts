import { describe, expect, test } from 'vitest'
import { makeRedact } from '../../../../../supabase/functions/supaqueue/answer/redact.ts'

const redact = makeRedact(
  ['sb_secret_1', 'Bearer sk-quoted"1', 'whsec_abcdefgh', 'long and sb_secret_1', 'short'],
  ['X-Mine', 'Token'],
)

describe('a secret value', () => {
  test.each([
    ['as it is', 'key sb_secret_1, sb_secret_1!', 'key [redacted], [redacted]!'],
    ['without the word before it', 'key sk-quoted"1', 'key [redacted]'],
    ['as JSON writes it', '{"a":"Bearer sk-quoted\\"1"}', '{"a":"[redacted]"}'],
    ['as a URL writes it', '?k=sk-quoted%221', '?k=[redacted]'],
    ['without its prefix', 'abcdefgh', '[redacted]'],
    ['that holds another', 'long and sb_secret_1', '[redacted]'],
    ['of five letters is a word', 'in short', 'in short'],
  ])('%s', (_, text, kept) => {
    expect(redact.values(text)).toBe(kept)
  })

  test('that broke off with the text is blotted out as far as it came', () => {
    expect(redact.values('my sb_secret_', true)).toBe('my [redacted]')
    expect(redact.values('my sb_secret_')).toBe('my sb_secret_')
    expect(redact.values('my sb_s', true)).toBe('my sb_s')
  })
})

test('a header is blotted out by its name, in any case, or by its value', () => {
  const names = ['Authorization', 'apikey', 'COOKIE', 'set-cookie', 'x-mine', 'token']
  expect(names.map((name) => redact.header(name, 'v'))).toEqual(names.map(() => '[redacted]'))
  expect(redact.header('x-other', 'a sb_secret_1')).toBe('a [redacted]')
})

describe('a body', () => {
  test.each([
    [
      'JSON',
      '{"TOKEN": {"a": 1}, "b": [{"x-mine": 7}], "c": "d"}',
      '{"TOKEN":"[redacted]","b":[{"x-mine":"[redacted]"}],"c":"d"}',
    ],
    ['text', 'a token: b', 'a token: b'],
    ['JSON that broke off after the field', '{"token": "abc", "c": "d', '{"token": "[redacted]", "c": "d'],
    ['JSON that broke off within the field', '{"c": 1, "\\u0074oken": "ab\\"c', '{"c": 1, "\\u0074oken":"[redacted]"'],
    ['JSON that broke off within what is nested there', '{"token": [1, {"a": 2', '{"token":"[redacted]"'],
    ['numbers in JSON that broke off', '{"token": 12345, "c": {', '{"token":"[redacted]", "c": {'],
  ])('that is %s loses the fields of the queue', (_, text, kept) => {
    expect(redact.body(text).replaceAll('": "[', '":"[')).toBe(kept.replaceAll('": "[', '":"['))
  })

  test('of a queue that names no field keeps all of them, in their own writing', () => {
    expect(makeRedact([], []).body('{ "token": 1.0 }')).toBe('{ "token": 1.0 }')
  })

  test('of nothing but quotes is read once, however long it is', () => {
    const text = `{"${'\\"'.repeat(200_000)}`
    expect(redact.body(text)).toBe(text)
  })
})
