import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { openScene, type Scene } from './support/scene.ts'
import { onceAsked } from './support/target.ts'

// What targets answer that is no proper answer, or an odd one: each ends its own job, and says why.

type Fate = {
  status: 'success' | 'failed' | 'pending'
  /** Pending: how long until it is called again, in seconds. */
  wait?: [from: number, to: number]
  result?: unknown
  error?: RegExp
}
type Answer = { bytes: Buffer | ((socket: Socket) => void); fate: Fate }

const raw = (text: string) => Buffer.from(text, 'latin1')
/** An answer with a body, its length told. */
const http = (head: string, body: string | Buffer = '') =>
  Buffer.concat([
    raw(`HTTP/1.1 ${head}\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`),
    Buffer.from(body),
  ])
/** An answer that names a time in ninety seconds. */
const dated = (write: (date: Date) => string) => (socket: Socket) =>
  socket.end(http(`429 Too Many\r\nretry-after: ${write(new Date(Date.now() + 90_000))}`))
const weekday = (date: Date) => new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(date)
const parts = (date: Date) => /, (\d+) (\w+) (\d+) ([\d:]+)/.exec(date.toUTCString()) as string[]
const asRfc850 = (date: Date) => {
  const [, day, month, year, time] = parts(date)
  return `${weekday(date)}, ${day}-${month}-${year?.slice(2)} ${time} GMT`
}
const asAsctime = (date: Date) => {
  const [, day, month, year, time] = parts(date)
  return `${weekday(date).slice(0, 3)} ${month} ${day?.replace(/^0/, ' ')} ${time} ${year}`
}
const dripping = (head: string, drop: () => string) => (socket: Socket) => {
  socket.write(head)
  const drip = setInterval(() => socket.write(drop()), 300)
  socket.on('close', () => clearInterval(drip))
}

const failed = (error: RegExp): Fate => ({ status: 'failed', error })
const success = (result?: unknown): Fate => ({ status: 'success', ...result !== undefined && { result } })
/** Put off by what was said. */
const putOff = (from: number, to = from * 1.5 + 5): Fate => ({ status: 'pending', wait: [from, to] })

const answers: Record<string, Answer> = {
  '204': { bytes: raw('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n'), fate: success() },
  '204-with-a-body': { bytes: http('204 No Content', 'a body where none may be'), fate: success() },
  '205': { bytes: http('205 Reset Content'), fate: success() },
  '103-then-200': {
    bytes: raw(
      'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok',
    ),
    fate: success(),
  },
  '300': { bytes: http('300 Multiple Choices', 'choose'), fate: failed(/^HTTP 300: choose/) },
  '304': { bytes: raw('HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n'), fate: failed(/^HTTP 304/) },
  'no-http': { bytes: raw('hello, I am no HTTP\r\n\r\n'), fate: failed(/^no answer: /) },
  'nothing': { bytes: raw(''), fate: failed(/^no answer: /) },
  'shorter-than-told': {
    bytes: raw('HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\nonly this'),
    fate: failed(/^no answer: /),
  },
  'latin-1': {
    bytes: raw(
      'HTTP/1.1 500 R\xe9sum\xe9\r\nx-name: caf\xe9\r\ncontent-length: 7\r\nconnection: close\r\n\r\nna\x00ve\xe9!',
    ),
    fate: failed(/500/),
  },
  'nul-and-surrogate': {
    bytes: http('200 OK\r\ncontent-type: application/json', '{"a\\u0000":"\\ud800 x"}'),
    fate: success(),
  },
  'big-header': { bytes: http(`200 OK\r\nx-big: ${'a'.repeat(200_000)}`, 'ok'), fate: success() },
  'many-headers': {
    bytes: http(`500 No\r\n${Array.from({ length: 3000 }, (_, i) => `x-${i}: ${i}`).join('\r\n')}`, 'no'),
    fate: failed(/^no answer: /),
  },
  'gzip': {
    bytes: http('200 OK\r\ncontent-encoding: gzip\r\ncontent-type: application/json', gzipSync('{"zipped":true}')),
    fate: success({ zipped: true }),
  },
  'no-gzip': { bytes: http('200 OK\r\ncontent-encoding: gzip', 'not gzip'), fate: failed(/^no answer: /) },
  'gzip-bomb': { bytes: http('200 OK\r\ncontent-encoding: gzip', gzipSync(Buffer.alloc(100e6))), fate: success() },
  'deep': {
    bytes: http('200 OK\r\ncontent-type: application/json', '['.repeat(30_000) + ']'.repeat(30_000)),
    fate: success(),
  },
  'huge-number': {
    bytes: http(
      '200 OK\r\ncontent-type: application/json',
      '{"n": 1e400, "m": 12345678901234567890, "__proto__": {"x": 1}}',
    ),
    fate: success(),
  },
  'keys-twice': {
    bytes: http('200 OK\r\ncontent-type: application/json', '{"a": 1, "a": 2}'),
    fate: success({ a: 2 }),
  },
  'bad-utf-8': {
    bytes: http('200 OK\r\ncontent-type: application/json', raw('"\xff\xfe\xed\xa0\x80"')),
    fate: success(),
  },
  'byte-order-mark': {
    bytes: http('200 OK\r\ncontent-type: application/json', '\ufeff{"bom": true}'),
    fate: success({ bom: true }),
  },
  'redirected-to-itself': {
    bytes: http('307 Temporary Redirect\r\nlocation: /'),
    fate: failed(/more than 5 redirects/),
  },
  'redirected-nowhere': { bytes: http('302 Found'), fate: failed(/^HTTP 302/) },
  'redirected-elsewhere': {
    bytes: http('307 Temporary Redirect\r\nlocation: http://localhost:1/x'),
    fate: failed(/leads to another origin/),
  },
  'retry-after-date': { bytes: dated((date) => date.toUTCString()), fate: putOff(30, 95) },
  'retry-after-rfc-850': { bytes: dated(asRfc850), fate: putOff(30, 95) },
  'retry-after-asctime': { bytes: dated(asAsctime), fate: putOff(30, 95) },
  'retry-after-fraction': { bytes: http('429 X\r\nretry-after: 90.5'), fate: putOff(90) },
  'retry-after-below-zero': { bytes: http('429 X\r\nretry-after: -5'), fate: putOff(0, 30) },
  'retry-after-twice': { bytes: http('429 X\r\nretry-after: 90\r\nretry-after: 95'), fate: putOff(95) },
  // What says no time puts nothing off: an attempt has failed.
  'retry-after-unit': { bytes: http('429 X\r\nretry-after: 90s'), fate: failed(/^HTTP 429/) },
  'retry-after-another-name': { bytes: http('429 X\r\nx-ratelimit-reset: 90'), fate: failed(/^HTTP 429/) },
  'retry-after-with-503': { bytes: http('503 X\r\nretry-after: 90'), fate: putOff(90) },
  'retry-after-huge': { bytes: http('503 X\r\nretry-after: 99999999999999999999'), fate: putOff(3600) },
  'retry-after-with-500': { bytes: http('500 X\r\nretry-after: 90'), fate: failed(/500/) },
  'retry-after-with-408': { bytes: http('408 Request Timeout\r\nretry-after: 90'), fate: failed(/408/) },
  // How an answer is framed.
  'no-reason': { bytes: raw('HTTP/1.1 200\r\ncontent-length: 2\r\nconnection: close\r\n\r\n42'), fate: success() },
  'http-1.0': { bytes: raw('HTTP/1.0 200 OK\r\n\r\nold'), fate: success() },
  'no-length': { bytes: raw('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nuntil the end'), fate: success() },
  'status-999': { bytes: http('999 No'), fate: failed(/999|^no answer: /) },
  'status-99': { bytes: http('99 No'), fate: failed(/99|^no answer: /) },
  'status-words': { bytes: http('OK 200'), fate: failed(/^no answer: /) },
  '101': {
    bytes: raw('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    fate: failed(/101|^no answer/),
  },
  '100-for-ever': {
    bytes: raw('HTTP/1.1 100 Continue\r\n\r\n'.repeat(50) + 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'),
    fate: success(),
  },
  'chunks': {
    bytes: raw(
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\n{"a\r\n4\r\n":1}\r\n0\r\nx-trailer: 1\r\n\r\n',
    ),
    fate: success(),
  },
  'chunks-that-break-off': {
    bytes: raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nshort'),
    fate: failed(/^no answer: /),
  },
  'chunk-of-no-size': {
    bytes: raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nshort\r\n0\r\n\r\n'),
    fate: failed(/^no answer: /),
  },
  'two-lengths': {
    bytes: raw('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello'),
    fate: failed(/^no answer: /),
  },
  'length-below-zero': {
    bytes: raw('HTTP/1.1 200 OK\r\ncontent-length: -5\r\nconnection: close\r\n\r\nhello'),
    fate: failed(/^no answer: /),
  },
  'header-without-a-colon': {
    bytes: raw('HTTP/1.1 200 OK\r\nno colon here\r\ncontent-length: 0\r\n\r\n'),
    fate: failed(/^no answer: /),
  },
  'reset': { bytes: (socket) => socket.resetAndDestroy(), fate: failed(/^no answer: /) },
  'reset-after-the-head': {
    bytes: (socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', () => socket.resetAndDestroy()),
    fate: failed(/^no answer: /),
  },
  'speaks-tls': { bytes: Buffer.from([21, 3, 3, 0, 2, 2, 40]), fate: failed(/^no answer: /) },
  'endless-silence': { bytes: () => {}, fate: failed(/^no answer within/) },
  'endless-zeros': {
    bytes: dripping('HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n', () => '\0'.repeat(1000)),
    fate: failed(/^no answer within/),
  },
  // What is in it.
  'zipped-twice': {
    bytes: http(
      '200 OK\r\ncontent-encoding: gzip, gzip\r\ncontent-type: application/json',
      gzipSync(gzipSync('{"zipped":2}')),
    ),
    fate: { status: 'success' },
  },
  'encoded-as-nobody-knows': {
    bytes: http('200 OK\r\ncontent-encoding: lzma\r\ncontent-type: application/json', '{"a":1}'),
    fate: success(),
  },
  'utf-16': {
    bytes: http('200 OK\r\ncontent-type: application/json; charset=utf-16', Buffer.from('\ufeff{"a":1}', 'utf16le')),
    fate: success(),
  },
  'json-null': { bytes: http('200 OK\r\ncontent-type: application/json', 'null'), fate: success() },
  'json-false': { bytes: http('200 OK\r\ncontent-type: application/json', 'false'), fate: success(false) },
  'json-zero': { bytes: http('200 OK\r\ncontent-type: application/json', '0'), fate: success(0) },
  'json-empty': { bytes: http('200 OK\r\ncontent-type: application/json', ''), fate: success() },
  'json-half': { bytes: http('200 OK\r\ncontent-type: application/json', '{"a":'), fate: success() },
  'json-lines': { bytes: http('200 OK\r\ncontent-type: application/x-ndjson', '{"a":1}\n{"a":2}\n'), fate: success() },
  'json-of-many-keys': {
    bytes: http(
      '200 OK\r\ncontent-type: application/json',
      `{${Array.from({ length: 50_000 }, (_, i) => `"k${i}":${i}`).join()}}`,
    ),
    fate: success(),
  },
  'json-deep-objects': {
    bytes: http('200 OK\r\ncontent-type: application/json', '{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000)),
    fate: success(),
  },
  'json-odd-numbers': {
    bytes: http('200 OK\r\ncontent-type: application/json', '[1e-400, -0, 1E+5, 0.1000000000000000055511]'),
    fate: success(),
  },
  'error-with-nul': {
    bytes: http('500 X\r\ncontent-type: application/json', '{"error":"a\\u0000b"}'),
    fate: failed(/500/),
  },
  'error-of-a-page': {
    bytes: http('502 X\r\ncontent-type: text/html', `<html>${'x'.repeat(500_000)}</html>`),
    fate: failed(/502/),
  },
  // Where it leads.
  'redirected-to-a-script': { bytes: http('307 X\r\nlocation: javascript:alert(1)'), fate: failed(/./) },
  'redirected-to-a-file': { bytes: http('307 X\r\nlocation: file:///etc/passwd'), fate: failed(/./) },
  'redirected-with-a-name': { bytes: http('307 X\r\nlocation: http://me:secret@127.0.0.1:1/x'), fate: failed(/./) },
  'redirected-to-nothing': { bytes: http('308 X\r\nlocation: '), fate: failed(/./) },
  'redirected-to-no-url': { bytes: http('307 X\r\nlocation: http://[::1'), fate: failed(/./) },
  // When it may be asked again.
  'retry-after-spaces': { bytes: http('429 X\r\nretry-after:    90   '), fate: putOff(90) },
  'retry-after-list': { bytes: http('429 X\r\nretry-after: 90, 95'), fate: putOff(95) },
  'retry-after-plus': { bytes: http('429 X\r\nretry-after: +90'), fate: { status: 'pending', wait: [0, 140] } },
  'retry-after-exponent': { bytes: http('429 X\r\nretry-after: 9e1'), fate: failed(/^HTTP 429/) },
  'retry-after-hex': { bytes: http('429 X\r\nretry-after: 0x5A'), fate: failed(/^HTTP 429/) },
  'retry-after-comma': { bytes: http('429 X\r\nretry-after: 90,5'), fate: { status: 'pending', wait: [5, 140] } },
  'retry-after-infinity': { bytes: http('429 X\r\nretry-after: Infinity'), fate: failed(/^HTTP 429/) },
  'retry-after-nan': { bytes: http('429 X\r\nretry-after: NaN'), fate: failed(/^HTTP 429/) },
  'retry-after-empty': { bytes: http('429 X\r\nretry-after: '), fate: failed(/^HTTP 429/) },
  'retry-after-past': { bytes: http('429 X\r\nretry-after: Fri, 31 Dec 1999 23:59:59 GMT'), fate: putOff(0, 30) },
  'retry-after-9999': { bytes: http('503 X\r\nretry-after: Fri, 31 Dec 9999 23:59:59 GMT'), fate: putOff(3600) },
  'retry-after-zone': {
    bytes: dated((date) => new Date(date.getTime() + 7_200_000).toUTCString().replace('GMT', '+0200')),
    fate: { status: 'pending', wait: [0, 3700] },
  },
  'retry-after-iso': { bytes: dated((date) => date.toISOString()), fate: { status: 'pending', wait: [0, 140] } },
  'retry-after-arabic': {
    bytes: Buffer.concat([
      raw('HTTP/1.1 429 X\r\nretry-after: '),
      Buffer.from('\u0669\u0660'),
      raw('\r\ncontent-length: 0\r\n\r\n'),
    ]),
    fate: failed(/429|^no answer/),
  },
  'retry-after-long': { bytes: http(`429 X\r\nretry-after: ${'9'.repeat(400)}`), fate: putOff(3600) },
  'endless-head': {
    bytes: dripping('HTTP/1.1 200 OK\r\n', () => `x-${Math.random()}: 1\r\n`),
    fate: failed(/^no answer within/),
  },
  'endless-body': {
    bytes: dripping('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', () => '1\r\na\r\n'),
    fate: failed(/^no answer within/),
  },
}

type Found = { status: string; wait: number; result: unknown; error: string | null }

let scene: Scene
const servers: Server[] = []
/** What became of a job, as it was first found: what was put off shortly is tried again while others are still waited for. */
const found = new Map<number, Found>()
/** The jobs of all answers, called beside each other. */
const first = new Map<string, number>()

/** Has an answer given to a job of its own. */
async function play(name: string): Promise<number> {
  const { bytes } = answers[name]!
  // A queue and a host for each: what refuses calls is left alone for a while, with all that is for it, and a call over
  // a connection that some answers leave open and others then end gets none.
  const server = createServer((socket) =>
    onceAsked(socket, () => typeof bytes === 'function' ? bytes(socket) : socket.end(bytes))
  ).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const queue = await scene.harness.queue({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    timeout_ms: name.startsWith('endless') ? 1500 : 30_000,
    max_attempts: 1,
    workers: 1,
  })
  return await scene.job(queue)
}

/** Waits until something has become of each of these jobs. */
const settled = (jobs: number[]) =>
  until(async () => {
    const { rows } = await scene.db.query(
      `select id, status::text, extract(epoch from run_at - updated_at)::float8 as wait, result, error
       from supaqueue.job where status in ('success', 'failed') or status = 'pending' and deferrals > 0`,
    )
    for (const { id, ...one } of rows) if (!found.has(id)) found.set(id, one)
    return jobs.every((job) => found.has(job))
  })

beforeAll(async () => {
  scene = await openScene()
  await scene.harness.setting('allow_private_targets', 'on')
  for (const name of Object.keys(answers)) first.set(name, await play(name))
  await settled([...first.values()])
})

afterAll(async () => {
  await scene?.close()
  for (const server of servers) server.close()
})

test.each(Object.entries(answers))('%s', async (name, { fate }) => {
  // Whoever tries the test once more sees the answer given once more.
  const job = first.get(name) ?? await play(name)
  first.delete(name)
  await settled([job])
  const { status, result, error, wait } = found.get(job)!

  expect(status, error ?? '').toBe(fate.status)
  if (fate.result !== undefined) expect(result).toEqual(fate.result)
  if (fate.error) expect(error).toMatch(fate.error)
  if (fate.wait) {
    expect(wait).toBeGreaterThanOrEqual(fate.wait[0] - 1)
    expect(wait).toBeLessThanOrEqual(fate.wait[1])
  }
})

test('the dispatcher goes on: a proper answer is taken after all of these', async () => {
  const queue = await scene.queue()

  const job = await scene.job(queue)

  await until(async () => (await scene.harness.jobRow(job)).status === 'success')
})
