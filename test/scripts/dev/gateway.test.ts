import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../../scripts/dev/answer.ts'
import { type Gateway, startGateway } from '../../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../../scripts/dev/keyring.ts'
import { makeKeys, signJwt } from '../../../scripts/dev/keys.ts'

const keys = await makeKeys()
const other = await makeKeys()
let gateway: Gateway

beforeAll(async () => {
  gateway = await startGateway({ keyring: makeKeyring(keys) })
  gateway.open({
    rest: { handle: (_request, response, caller) => answer(response, 200, caller) },
    edge: { handle: (request, response) => answer(response, 200, request.method), names: () => ['hello'] },
  })
})
afterAll(() => gateway.stop())

const rest = async (headers: Record<string, string>, path = '/rest/v1/job') => {
  const response = await fetch(gateway.url + path, { headers })
  return { status: response.status, body: await response.json() }
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('who calls REST', () => {
  test.each(
    [
      ['publishable', 'anon'],
      ['anon', 'anon'],
      ['secret', 'service_role'],
      ['serviceRole', 'service_role'],
    ] as const,
  )('the %s key is %s', async (key, role) => {
    expect(await rest({ apikey: keys[key] })).toMatchObject({ status: 200, body: { role } })
    expect(await rest({}, `/rest/v1/job?apikey=${keys[key]}`)).toMatchObject({ body: { role } })
    // Clients send the key in both places.
    expect(await rest({ apikey: keys[key], ...bearer(keys[key]) })).toMatchObject({ body: { role } })
  })

  test("a user's JWT outranks the key", async () => {
    const jwt = await signJwt(keys.jwtSecret, { role: 'authenticated', sub: 'somebody' })

    expect(await rest({ apikey: keys.publishable, ...bearer(jwt) }))
      .toMatchObject({ body: { role: 'authenticated', claims: { sub: 'somebody' } } })
  })

  test.each<[string, Record<string, string>]>([
    ['no key', {}],
    ['a key that is only a bearer token', bearer(keys.secret)],
    ['an unknown key', { apikey: other.secret }],
    ['a legacy key of another project', { apikey: other.serviceRole }],
    ['a secret key in a browser', { apikey: keys.secret, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' }],
    ['a JWT of another project', { apikey: keys.publishable, ...bearer(other.serviceRole) }],
    ['a JWT that is none', { apikey: keys.publishable, ...bearer('abc') }],
  ])('%s is refused, and the answer says what to do', async (_, headers) => {
    const { status, body } = await rest(headers)

    expect(status).toBe(401)
    expect(body.message).toBeTruthy()
    expect(body.hint).toBeTruthy()
  })

  test('an expired or unsigned JWT is nobody', async () => {
    const unsigned = [{ alg: 'none' }, { role: 'service_role' }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + '.'
    const expired = await signJwt(keys.jwtSecret, { role: 'service_role' }, '-1s')

    expect((await rest({ apikey: keys.publishable, ...bearer(unsigned) })).status).toBe(401)
    expect((await rest({ apikey: keys.publishable, ...bearer(expired) })).status).toBe(401)
  })

  test('legacy keys open nothing where they are switched off', async () => {
    const strict = await startGateway({ keyring: makeKeyring(keys, { legacy: false }) })
    strict.open({
      rest: { handle: (_, response) => answer(response, 200, {}) },
      edge: { handle: () => {}, names: () => [] },
    })
    const status = async (headers: Record<string, string>) =>
      (await fetch(`${strict.url}/rest/v1/job`, { headers })).status

    expect(await status({ apikey: keys.serviceRole })).toBe(401)
    expect(await status({ apikey: keys.publishable, ...bearer(keys.serviceRole) })).toBe(401)
    expect(await status({ apikey: keys.secret })).toBe(200)
    await strict.stop()
  })
})

describe('the gateway', () => {
  test('answers preflights for REST without a key, and leaves those of functions to them', async () => {
    const headers = { 'access-control-request-headers': 'apikey, x-custom', 'access-control-request-method': 'POST' }

    const preflight = await fetch(`${gateway.url}/rest/v1/job`, { method: 'OPTIONS', headers })
    const ofFunction = await fetch(`${gateway.url}/functions/v1/hello`, { method: 'OPTIONS', headers })

    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    expect(preflight.headers.get('access-control-allow-headers')).toBe('apikey, x-custom')
    expect(await ofFunction.json()).toBe('OPTIONS')
  })

  test('tells what it serves, and refuses the rest with a hint', async () => {
    expect((await rest({}, '/')).body).toMatchObject({ rest: '/rest/v1', functions: ['/functions/v1/hello'] })
    expect(await rest({}, '/auth/v1/user')).toMatchObject({ status: 404, body: { hint: expect.any(String) } })
  })

  test('asks to wait until something stands behind it', async () => {
    const early = await startGateway({ keyring: makeKeyring(keys) })

    expect((await fetch(early.url)).status).toBe(503)
    await early.stop()
  })

  test('stops though somebody still waits for an answer', async () => {
    const silent = await startGateway({ keyring: makeKeyring(keys) })
    const entered = new Promise<void>((resolve) =>
      silent.open({ rest: { handle: () => {} }, edge: { handle: () => resolve(), names: () => [] } })
    )
    const waiting = fetch(`${silent.url}/functions/v1/silent`).then(() => 'answered', () => 'dropped')
    await entered

    await silent.stop()

    expect(await waiting).toBe('dropped')
  })

  test('says whose port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as AddressInfo

    await expect(startGateway({ port, keyring: makeKeyring(keys) })).rejects.toMatchObject({
      code: 'SQ409',
      message: expect.stringContaining(String(port)),
      hint: expect.stringContaining('--port'),
    })
    taken.close()
  })
})
