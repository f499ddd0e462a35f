import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readBody } from '../../../../../supabase/functions/supaqueue/answer/body.ts'

/** A response that says how long it is, as a server's does. */
const told = (text: string, length = new TextEncoder().encode(text).length) =>
  new Response(text, { headers: { 'content-length': String(length) } })

test('a body that fits is kept whole, whether or not its length is told', async () => {
  const whole = { text: 'grün', truncated: false }
  expect(await readBody(new Response('grün'), 5)).toEqual(whole)
  expect(await readBody(told('grün'), 5)).toEqual(whole)
})

test('a body that is longer than the cap is cut and marked, whether or not its length is told', async () => {
  const cut = { text: 'gr', truncated: true }
  expect(await readBody(new Response('gras'), 2)).toEqual(cut)
  expect(await readBody(told('gras'), 2)).toEqual(cut)
})

test('the told length of an encoded body is not taken for its size', async () => {
  const unfolded = 'a'.repeat(1000)
  // What fetch hands out: the body unfolded, the headers as they came.
  const response = new Response(unfolded, {
    headers: { 'content-encoding': 'gzip', 'content-length': String(gzipSync(unfolded).length) },
  })
  expect(await readBody(response, 100)).toEqual({ text: 'a'.repeat(100), truncated: true })
})

test('a letter that the cap cuts in two is dropped', async () => {
  expect(await readBody(new Response('grün'), 3)).toEqual({ text: 'gr', truncated: true })
})
