import { describe, expect, test } from 'vitest'
import { makeKeyring } from '../../../../scripts/dev/keyring.ts'
import { makeKeys, signJwt } from '../../../../scripts/dev/keys.ts'
import { edgeHost, refusal } from '../support/edge.ts'

const hello = `Deno.serve(() => new Response('hello'))`
const keys = await makeKeys()
const other = await makeKeys()
const user = await signJwt(keys.jwtSecret, { role: 'authenticated', sub: 'somebody' })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

const noHeader = refusal(401, 'UNAUTHORIZED_NO_AUTH_HEADER')
const noJwt = refusal(401, 'UNAUTHORIZED_INVALID_JWT_FORMAT')

describe('verify_jwt', () => {
  test.each<[string, Record<string, string>]>([
    ['a legacy key as bearer token', bearer(keys.anon)],
    ["a user's JWT", bearer(user)],
    ['a publishable key in apikey', { apikey: keys.publishable }],
    ['a secret key in apikey', { apikey: keys.secret }],
    ['a new key in both places, as older clients send it', { apikey: keys.secret, ...bearer(keys.secret) }],
  ])('lets %s pass', async (_, headers) => {
    await using edge = await edgeHost({ hello }, { keyring: makeKeyring(keys) })

    expect(await edge.text('hello', { headers })).toBe('hello')
  })

  test.each<[string, Record<string, string>, ReturnType<typeof refusal>]>([
    ['nothing', {}, noHeader],
    ['an unknown key in apikey', { apikey: other.publishable }, noHeader],
    ['a new key as bearer token only', bearer(keys.secret), noJwt],
    ['a JWT of another project', bearer(other.anon), noJwt],
    ['a JWT of another project beside a good key', { apikey: keys.secret, ...bearer(other.anon) }, noJwt],
    ['no bearer token', { authorization: 'Basic abc' }, noJwt],
  ])('refuses %s', async (_, headers, expected) => {
    await using edge = await edgeHost({ hello }, { keyring: makeKeyring(keys) })

    expect(await edge.refusal('hello', { headers })).toEqual(expected)
    expect(edge.host.running()).toEqual([])
  })

  test('refuses a legacy key where legacy keys are switched off', async () => {
    await using edge = await edgeHost({ hello }, { keyring: makeKeyring(keys, { legacy: false }) })

    expect(await edge.refusal('hello', { headers: bearer(keys.serviceRole) })).toEqual(noJwt)
    expect(await edge.text('hello', { headers: bearer(user) })).toBe('hello')
  })

  test('is off where config.toml says so', async () => {
    const config = `
      [functions.hello]
      verify_jwt = false # whoever comes
      [functions.other]
      verify_jwt = true`
    await using edge = await edgeHost({ hello, other: hello }, { config, keyring: makeKeyring(keys) })

    expect(await edge.text('hello')).toBe('hello')
    expect(await edge.refusal('other')).toEqual(noHeader)
  })

  test('leaves preflights to the function', async () => {
    await using edge = await edgeHost({ hello }, { keyring: makeKeyring(keys) })

    expect(await edge.text('hello', { method: 'OPTIONS' })).toBe('hello')
  })
})
