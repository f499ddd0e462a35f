import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Me } from '../../console/answers.ts'
import { makeActs } from '../../scripts/console/acts.ts'
import type { PageFile } from '../../scripts/console/page.ts'
import { makeRoutes } from '../../scripts/console/routes.ts'
import type { Source } from '../../scripts/console/source.ts'
import { type Console, startConsole } from '../../scripts/console/start.ts'
import { builtPage } from '../console/support/page.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'

// What any program of this machine can send to the console's port, and any page in a browser of it: all in vain. What a
// page can do besides is tried by web_page.test.ts, in a browser.

let database: TestDatabase
let page: Map<string, PageFile>
let served: Console
let token: string
// What nobody caught: it would have ended the process.
const faults: unknown[] = []
const noted = (reason: unknown) => void faults.push(reason)

beforeAll(async () => {
  process.on('unhandledRejection', noted).on('uncaughtException', noted)
  database = await testDatabase()
  page = await builtPage()
  served = await startConsole({ databaseUrl: database.ownerUrl, page })
  token = new URL(served.address).hash.replace('#token=', '')
  const db = await database.connect()
  await db.query(`insert into supaqueue.queue (name, edge_function_name) values ('calm', 'hello')`)
})

afterAll(async () => {
  await served?.stop()
  await database?.drop()
  process.off('unhandledRejection', noted).off('uncaughtException', noted)
})

beforeEach(() => void faults.splice(0))

const host = () => new URL(served.origin).host

function open(): Socket {
  const socket = connect(Number(new URL(served.origin).port), '127.0.0.1')
  socket.on('error', () => {})
  return socket
}

/** What is answered to these bytes until the connection ends. Who hangs up at once may get no answer. */
async function send(text: string, how: 'wait' | 'hang up' = 'hang up'): Promise<string> {
  const socket = open()
  let heard = ''
  socket.setEncoding('latin1').on('data', (part) => heard += part)
  socket.write(Buffer.from(text, 'latin1'))
  if (how === 'hang up') socket.end()
  await once(socket, 'close')
  return heard
}

type Sent = { method?: string; target?: string; headers?: Record<string, string>; body?: string }

/** A request as somebody would send it who has no token; `headers` replace what stands there else. */
function ask({ method = 'GET', target = '/api/overview', headers = {}, body = '' }: Sent): Promise<string> {
  const all: Record<string, string> = {
    host: host(),
    ...(body && { 'content-length': String(body.length) }),
    ...headers,
    connection: 'close',
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return send(`${method} ${target} HTTP/1.1\r\n${lines}\r\n${body}`, 'wait')
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])
const mine = () => ({ authorization: `Bearer ${token}` })

async function expectUnharmed(): Promise<void> {
  expect(faults).toEqual([])
  const overview = await ask({ headers: mine() })
  expect(statusOf(overview)).toBe(200)
  expect(overview).toMatch(/"name":"calm"[^{}]*"paused":false/)
}

describe('to end it', () => {
  test.each(Object.entries({
    'two slashes': '//',
    'three slashes': '///',
    'two slashes and a name': '//stranger.example/',
    'two slashes and a bracket': '//[',
    'a slash the other way': '/\\',
    'half an escape': '/%',
    'an escaped zero': '/%00',
    'half an escape below /api': '/api/%',
    'nothing below /api': '/api//',
    'half an escape in a parameter': '/api/job?id=%',
    'an escaped zero in a parameter': '/api/job?id=%00',
    'a number without end': '/api/job?id=99999999999999999999999',
    'a place in a list that is none': '/api/jobs?queue=%00&after=%5B%5D',
    'what objects inherit': '/api/__proto__',
    'a star': '*',
    'half an address': 'http://',
    'an address and a bracket': 'http://[',
    'an address of a stranger': 'http://stranger.example/api/overview',
    'a name and a port': 'stranger.example:443',
    'a long path': `/${'a'.repeat(8000)}`,
    'a path that is too long': `/${'a'.repeat(80_000)}`,
    'many parameters': `/api/jobs?${'a=1&'.repeat(2000)}`,
  }))('by an address: %s', async (_, target) => {
    const all: Record<string, string>[] = [{}, mine(), { ...mine(), host: 'stranger.example' }, { host: '' }]
    for (const headers of all) {
      for (const method of ['GET', 'POST']) {
        expect(statusOf(await ask({ method, target, headers, body: '{}' }))).toBeLessThan(600)
      }
    }

    await expectUnharmed()
  })

  test.each(['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'CONNECT', 'M-SEARCH', 'GET\0', 'NONE', ''])(
    'by a method: %j',
    async (method) => {
      await ask({ method })
      await ask({ method, headers: mine() })
      await ask({ method, target: '//', headers: mine() })

      await expectUnharmed()
    },
  )

  test.each<[string, Record<string, string>]>([
    ['no host', { host: '' }],
    ['a host that is none', { host: 'a b' }],
    ['a host of bytes', { host: '\xff\xfe' }],
    ['a length that is none', { 'content-length': 'many' }],
    ['two lengths', { 'content-length': '1, 2' }],
    ['an encoding that is none', { 'transfer-encoding': 'gzip, none' }],
    ['an expectation', { expect: 'a miracle' }],
    ['an upgrade', { upgrade: 'websocket', connection: 'upgrade' }],
    ['an upgrade to HTTP/2', { upgrade: 'h2c', 'http2-settings': 'AAMAAABk', connection: 'upgrade' }],
    ['a header that is too large', { 'x-large': 'a'.repeat(100_000) }],
    ['headers without end', Object.fromEntries([...Array(3000)].map((_, place) => [`x-${place}`, '1']))],
    ['a header of bytes', { authorization: 'Bearer \xe4\x00\xff' }],
    ['a name of an object', { authorization: '__proto__', cookie: 'constructor=1' }],
  ])('by headers: %s', async (_, headers) => {
    await ask({ headers })
    await ask({ headers: { ...mine(), ...headers } })
    await ask({
      method: 'POST',
      target: '/api/pause',
      headers: { ...mine(), origin: served.origin, ...headers },
      body: '{',
    })

    await expectUnharmed()
  })

  test.each([
    ['nothing', '', 422],
    ['half of it', '{"queue":', 422],
    ['what is not UTF-8', '\xff\xfe\xfd', 422],
    ['null', 'null', 422],
    ['a number', '1', 422],
    ['what it inherits', '{"__proto__":{"queue":"calm"}}', 422],
    ['what the database does not take', '{"queue":"\\u0000"}', 500],
    ['half a character', '{"queue":"\\ud800"}', 404],
    ['a depth without end', `{"queue":${'['.repeat(200_000)}`, 422],
    ['too much', `{"queue":"${'a'.repeat(5_000_000)}"}`, 413],
  ])('by a body: %s', async (_, body, status) => {
    const answer = await ask({
      method: 'POST',
      target: '/api/pause',
      headers: { ...mine(), origin: served.origin },
      body,
    })

    expect(statusOf(answer)).toBe(status)
    await expectUnharmed()
  })

  test('by going away in the middle of a request, of a body, of an answer', async () => {
    const head =
      `POST /api/pause HTTP/1.1\r\nhost: ${host()}\r\norigin: ${served.origin}\r\nauthorization: Bearer ${token}\r\n`
    const parts = [
      'GET /api/over',
      `${head}content-le`,
      `${head}content-length: 100\r\n\r\n{"queue":`,
      `${head}transfer-encoding: chunked\r\n\r\n5\r\n{"que`,
      `GET / HTTP/1.1\r\nhost: ${host()}\r\n\r\n`.repeat(50),
      `GET /api/failures HTTP/1.1\r\nhost: ${host()}\r\nauthorization: Bearer ${token}\r\n\r\n`,
    ]
    for (const part of parts) {
      for (const leave of [(socket: Socket) => socket.resetAndDestroy(), (socket: Socket) => socket.destroy()]) {
        const socket = open()
        await once(socket, 'connect')
        await new Promise((resolve) => socket.write(part, resolve))
        leave(socket)
        await once(socket, 'close')
      }
    }

    await expectUnharmed()
  })

  test('by more connections than it takes', async () => {
    const sockets = [...Array(400)].map(open)
    await Promise.all(sockets.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])))
    sockets.forEach((socket) => socket.destroy())
    await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')))

    await expectUnharmed()
  })

  test('by any bytes at all', async () => {
    const some = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
    const text = fc.oneof(
      some,
      fc.string({ unit: 'grapheme', maxLength: 50 }).map((all) => encodeURIComponent(all.replace(/\p{Cs}/gu, ''))),
    )
    const method = fc.oneof(fc.constantFrom('GET', 'POST', 'POST', 'OPTIONS', 'CONNECT'), some)
    const target = fc.oneof(
      fc.tuple(fc.constantFrom('/', '//', '/api/', '/api/job?id=', '/api/pause', '/api/jobs?', 'http://'), text)
        .map((parts) => parts.join('')),
      text,
    )
    const header = fc.oneof(
      fc.constant(0).map(() => `host: ${host()}`),
      fc.constant(0).map(() => `authorization: Bearer ${token}`),
      fc.constant(0).map(() => `origin: ${served.origin}`),
      fc.constantFrom('transfer-encoding: chunked', 'connection: close', 'expect: 100-continue', 'content-length: 5'),
      fc.tuple(text, text).map((parts) => parts.join(': ')),
    )
    const request = fc.record({
      method,
      target,
      version: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(' HTTP/1.1', ' HTTP/1.0') }, some),
      headers: fc.array(header, { maxLength: 8 }),
      end: fc.constantFrom('\r\n\r\n', '\r\n\r\n', '\r\n\r\n', '\n\n', ''),
      body: fc.oneof(fc.json(), some, fc.constant('5\r\n{"a":\r\n0\r\n\r\n')),
    }).map(({ method, target, version, headers, end, body }) =>
      `${method} ${target}${version}\r\n${headers.join('\r\n')}${end}${body}`
    )

    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 8 }), async (requests) => {
        await Promise.all(requests.map((request) => send(request)))
        expect(faults).toEqual([])
      }),
      { numRuns: 150 },
    )

    await expectUnharmed()
  })
})

describe('to read, and to change something', () => {
  const sends = { method: 'POST', target: '/api/pause', body: '{"queue":"calm"}' }

  test.each<[string, () => Sent & { status: number }]>([
    ['by a name that leads here', () => ({ headers: { ...mine(), host: 'stranger.example' }, status: 403 })],
    [
      'by a name and our port',
      () => ({ headers: { ...mine(), host: `stranger.example:${host().split(':')[1]}` }, status: 403 }),
    ],
    ['by another port', () => ({ headers: { ...mine(), host: '127.0.0.1:1' }, status: 403 })],
    [
      'by a name in the address',
      () => ({ target: `http://${host()}/api/overview`, headers: { host: 'stranger.example' }, status: 403 }),
    ],
    ['without a token', () => ({ status: 401 })],
    ['with the token in the address', () => ({ target: `/api/overview?token=${token}`, status: 401 })],
    ['with the token as a cookie', () => ({
      headers: { cookie: `supaqueue_console_${host().split(':')[1]}=${token}; token=${token}` },
      status: 401,
    })],
    ['with the token as another kind of proof', () => ({ headers: { authorization: `Basic ${token}` }, status: 401 })],
    ['with a part of the token', () => ({ headers: { authorization: `Bearer ${token.slice(0, -1)}` }, status: 401 })],
    ['with more than the token', () => ({ headers: { authorization: `Bearer ${token}a` }, status: 401 })],
    ['from a page of another port', () => ({
      headers: { ...mine(), 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' },
      status: 403,
    })],
    ['from a page of another site', () => ({
      headers: { ...mine(), 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
      status: 403,
    })],
    ['by a question whether a page may', () => ({
      method: 'OPTIONS',
      headers: {
        origin: 'http://stranger.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
      status: 403,
    })],
    ['by a form of a page', () => ({
      ...sends,
      headers: { origin: 'http://127.0.0.1:1', 'content-type': 'text/plain' },
      status: 403,
    })],
    ['by a form that is followed', () => ({
      ...sends,
      headers: { ...mine(), origin: 'null', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      status: 403,
    })],
    ['without saying from where', () => ({ ...sends, headers: mine(), status: 403 })],
    ['as the page, without a token', () => ({ ...sends, headers: { origin: served.origin }, status: 401 })],
  ])('%s', async (_, what) => {
    const { status, ...sent } = what()
    const answer = await ask(sent)

    expect(statusOf(answer)).toBe(status)
    expect(answer).not.toContain('calm')
    expect(answer).not.toContain(token)
    expect(answer).not.toMatch(/access-control-allow/i)
    await expectUnharmed()
  })

  test('what is not from us is deferred before anything else of it is looked at', async () => {
    const turned = [
      { target: '//' },
      { target: '/nothing.js' },
      { target: '/api/none' },
      { method: 'POST', target: '/api/none', body: '{' },
    ]
    for (const what of turned) {
      expect(statusOf(await ask({ ...what, headers: { ...mine(), host: 'stranger.example' } }))).toBe(403)
    }
  })
})

// By their names in the program: what is added is held to the same.
describe('every page and every act', () => {
  const none = undefined as unknown as Source
  const reads = Object.keys(makeRoutes({ source: none, me: { database: '' } as Me, health: () => Promise.reject() }))
  const acts = Object.keys(makeActs(none))
  const sent = (name: string, isAct: boolean, headers: Record<string, string>): Promise<string> =>
    ask({ target: `/api/${name}`, headers, ...(isAct && { method: 'POST', body: '{"queue": "calm"}' }) })

  test('is for who shows the token, whatever else is shown', async () => {
    const shown: Record<string, string>[] = [
      {},
      { cookie: `token=${token}; supaqueue_console=${token}` },
      { authorization: token },
      { authorization: `Basic ${token}` },
      { authorization: `Bearer ${token}x` },
      { authorization: 'Bearer ' },
    ]
    const open: string[] = []
    for (
      const [name, isAct] of [
        ...reads.map((name) => [name, false] as const),
        ...acts.map((name) => [name, true] as const),
      ]
    ) {
      for (const headers of shown) {
        const status = statusOf(await sent(name, isAct, { origin: served.origin, ...headers }))
        if (status !== 401) open.push(`${name} ${JSON.stringify(headers)} ${status}`)
      }
    }

    expect(open).toEqual([])
    expect(acts.length).toBeGreaterThan(15)
    await expectUnharmed()
  })

  test('is done by no page of another origin, nor by another name, even with the token', async () => {
    const shown: Record<string, string>[] = [
      { origin: 'http://stranger.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { host: 'stranger.example' },
      { 'sec-fetch-site': 'cross-site', origin: 'http://stranger.example' },
    ]
    const done: string[] = []
    for (const name of acts) {
      for (const headers of shown) {
        const status = statusOf(await sent(name, true, { ...mine(), ...headers }))
        if (status !== 403) done.push(`${name} ${JSON.stringify(headers)} ${status}`)
      }
    }

    expect(done).toEqual([])
    await expectUnharmed()
  })

  test('that changes something is not there in a console that only looks', async () => {
    const looking = await startConsole({ databaseUrl: database.ownerUrl, page, readOnly: true })
    const headers = {
      authorization: `Bearer ${new URL(looking.address).hash.replace('#token=', '')}`,
      origin: looking.origin,
    }
    const done: string[] = []
    for (const name of acts) {
      const { status } = await fetch(`${looking.origin}/api/${name}`, {
        method: 'POST',
        headers,
        body: '{"queue": "calm"}',
      })
      if (status !== 403) done.push(`${name} ${status}`)
    }
    await looking.stop()

    expect(done).toEqual([])
    await expectUnharmed()
  })
})
