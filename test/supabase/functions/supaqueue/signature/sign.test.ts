import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { expect, test } from 'vitest'
import { keyOf as bytesOf } from '../../../../../supabase/functions/_shared/supaqueue/signature.ts'
import { makeSign } from '../../../../../supabase/functions/supaqueue/signature/sign.ts'

const keyOf = (secret: string) => createSecretKey(bytesOf(secret))

/** The rules of Standard Webhooks, as a receiver follows them. */
function isGenuine(headers: Record<string, string>, body: string | Uint8Array, secret: string, now: number): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures = '' } = headers
  if (!id || !/^\d+$/.test(timestamp!) || Math.abs(now / 1000 - Number(timestamp)) > 300) return false
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const right = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
  return signatures.split(' ').some((signature) => {
    const [version, coded = ''] = signature.split(',')
    const given = Buffer.from(coded, 'base64')
    return version === 'v1' && given.length === right.length && timingSafeEqual(given, right)
  })
}

const whsec = (text: string) => `whsec_${Buffer.from(text).toString('base64')}`
const [old, young, strange] = [
  whsec('the old secret, 24 bytes'),
  whsec('the new secret, 24 bytes'),
  whsec('x'.repeat(24)),
]
const now = 1_900_000_000_999

test('a signature is what Standard Webhooks says it is', () => {
  const body = '{"to":"grün"}'
  const headers = makeSign([keyOf(young)])({ id: 'q-7', at: now, body })

  expect(headers).toMatchObject({ 'webhook-id': 'q-7', 'webhook-timestamp': '1900000000' })
  expect(isGenuine(headers, body, young, now)).toBe(true)
  expect(isGenuine(headers, body, strange, now)).toBe(false)
  expect(isGenuine(headers, '{"to":"grau"}', young, now)).toBe(false)
  expect(isGenuine({ ...headers, 'webhook-id': 'q-8' }, body, young, now)).toBe(false)
  expect(isGenuine({ ...headers, 'webhook-timestamp': '1900000001' }, body, young, now)).toBe(false)
})

test('the test vector of Standard Webhooks comes out', () => {
  const sign = makeSign([keyOf('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')])
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1_614_265_330_000, body: '{"test": 2432232314}' }

  expect(sign(message)['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

test('while two secrets are exchanged, whoever knows one of them is content', () => {
  const headers = makeSign([keyOf(young), keyOf(old)])({ id: 'q-7', at: now, body: 'b' })

  expect(headers['webhook-signature']!.split(' ')).toHaveLength(2)
  expect([young, old, strange].map((secret) => isGenuine(headers, 'b', secret, now))).toEqual([true, true, false])
})

test('bytes are signed as they are', () => {
  const body = Uint8Array.of(0, 255, 128, 10)

  expect(isGenuine(makeSign([keyOf(young)])({ id: 'i', at: now, body }), body, young, now)).toBe(true)
})

test('a secret without the prefix is its letters, and so is one whose rest is not base64', () => {
  for (const secret of ['a secret of letters', 'whsec_not base64!', 'whsec_']) {
    expect(keyOf(secret).equals(createSecretKey(Buffer.from(secret)))).toBe(true)
  }
})

test('without a key nothing is signed, but the call is named', () => {
  expect(Object.keys(makeSign([])({ id: 'i', at: now, body: '' }))).toEqual(['webhook-id', 'webhook-timestamp'])
})
