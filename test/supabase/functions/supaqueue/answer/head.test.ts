import { expect, test } from 'vitest'
import { headOf } from '../../../../../supabase/functions/supaqueue/answer/head.ts'
import { makeRedact } from '../../../../../supabase/functions/supaqueue/answer/redact.ts'

const redact = makeRedact(['the key of the project'], ['token'])

const head = (headers: Record<string, string>, text: string, statusText = '') =>
  headOf({ status: 500, statusText, headers: new Headers(headers), body: { text, truncated: false } }, redact)

test('a head is the status line, the headers, and the beginning of the body', () => {
  expect(head({ 'X-A': '1', 'x-b': '2' }, 'oh\nno', 'So So')).toBe('HTTP 500 So So\nx-a: 1\nx-b: 2\n\noh\nno')
  expect(head({}, '')).toBe('HTTP 500')
})

test('a head has at most a thousand characters, and none that jsonb refuses', () => {
  expect(head({}, 'x'.repeat(5000))).toHaveLength(1000)
  expect(head({}, `${'x'.repeat(989)}🔑`)).toMatch(/x\ufffd$/)
  expect(head({}, 'a\0b')).toBe('HTTP 500\n\nab')
})

test('one long header leaves room for the others and the body', () => {
  expect(head({ a: 'x'.repeat(5000), b: '2' }, 'body')).toBe(`HTTP 500\na: ${'x'.repeat(150)}\nb: 2\n\nbody`)
})

test('a head is redacted before it is cut', () => {
  expect(head({ a: `${'x'.repeat(140)}the key of the project`, apikey: 'k' }, '{"token": 1}')).toBe(
    `HTTP 500\na: ${'x'.repeat(140)}[redacted]\napikey: [redacted]\n\n{"token":"[redacted]"}`,
  )
})
