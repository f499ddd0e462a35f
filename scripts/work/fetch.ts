import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { pipeline, type Readable, type Transform } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

// What a call needs of `fetch`, over Node's own HTTP client. Node's `fetch` costs several times as much processor time as all
// else that a process does for a call: streams of a kind that nobody here reads, and a body that is copied several times.

/** What a call says: as a body may be, but for a blob, which has to be read first. */
export type Body = string | Uint8Array<ArrayBuffer>

// An idle connection that the other side may be about to close is not used: what is sent on it would be lost, and nobody
// would know whether it was heard. What a server says of its own is heeded, where it is less.
const IDLE_MS = 4000

const CONNECT_MS = 10_000

const OPTIONS = { keepAlive: true, timeout: IDLE_MS, scheduling: 'lifo', maxFreeSockets: 1024 } as const

// Those that `fetch` may not use, it refuses; they are where other protocols are spoken. Above 1023 these.
const REFUSED = new Set([
  1719,
  1720,
  1723,
  2049,
  3659,
  4045,
  4190,
  5060,
  5061,
  6000,
  6566,
  6665,
  6666,
  6667,
  6668,
  6669,
  6679,
  6697,
  10080,
])

// As lenient as `fetch` with what ends too early.
const SYNC = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH }
const FLUSH = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH }
const UNFOLDING: { [coding: string]: () => Transform } = {
  gzip: () => createGunzip(SYNC),
  'x-gzip': () => createGunzip(SYNC),
  deflate: () => createInflate(SYNC),
  br: () => createBrotliDecompress(FLUSH),
}

/** A `fetch` for calls: follows no redirect, reads no blob, keeps no cookies. Whatever else is asked of it goes to the usual one. */
export function makeFetch(usual: typeof fetch): typeof fetch {
  const agents = { 'http:': new http.Agent(OPTIONS), 'https:': new https.Agent(OPTIONS) }

  return (input, init = {}) => {
    const url = new URL(input as string)
    const { body } = init
    const isOurs = init.redirect === 'manual' &&
      (body === undefined || typeof body === 'string' || body instanceof Uint8Array)
    if (!isOurs || !isUsual(url)) return usual(input, init)
    return ask(url, agents[url.protocol as keyof typeof agents], init)
  }
}

const isUsual = ({ protocol, port, username }: URL): boolean =>
  (protocol === 'http:' || protocol === 'https:') && username === '' &&
  (port === '' || port === '80' || port === '443' || Number(port) > 1023 && !REFUSED.has(Number(port)))

function ask(url: URL, agent: http.Agent, { method = 'GET', headers, body, signal }: RequestInit): Promise<Response> {
  const { protocol } = url
  const all: http.OutgoingHttpHeaders = {
    accept: '*/*',
    'accept-encoding': 'gzip, br',
    'user-agent': 'node',
    ...headers as Record<string, string>,
  }
  // Of methods that rarely have a body, Node would send one without an end.
  if (body !== undefined) all['content-length'] = Buffer.byteLength(body as Body)
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const request = (protocol === 'https:' ? https : http).request({
      protocol,
      // An IPv6 address has no brackets here.
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: url.pathname + url.search,
      method,
      headers: all,
      agent,
    })
    let message: http.IncomingMessage | undefined
    const giveUp = () => void (message ?? request).destroy(signal!.reason)
    signal?.addEventListener('abort', giveUp, { once: true })
    request.on('close', () => signal?.removeEventListener('abort', giveUp))
    let connects = false
    request.on('socket', (socket) => {
      connects = socket.connecting
      if (connects) whenConnected(request, protocol, socket, () => connects = false)
    })
    request.on('error', (reason) => reject(nearest(reason, connects)))
    request.on('response', (answer) => resolve(new Answer(message = answer) as unknown as Response))
    request.end(body)
  })
}

/** A host that says nothing at all was not called. */
function whenConnected(request: http.ClientRequest, protocol: string, socket: Socket, connected: () => void): void {
  const timer = setTimeout(
    () => request.destroy(Object.assign(new Error('no connection within 10 s'), { code: 'UND_ERR_CONNECT_TIMEOUT' })),
    CONNECT_MS,
  )
  socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => {
    clearTimeout(timer)
    connected()
  })
  request.once('close', () => clearTimeout(timer))
}

/**
 * Of a host with several addresses, none of which could be reached, what the first one said. A code that tells a connection
 * that could not be made secure from one that broke later.
 */
function nearest(reason: Error, connects: boolean): Error {
  if (reason instanceof AggregateError && reason.errors[0] instanceof Error) return reason.errors[0]
  return connects && 'code' in reason && reason.code === 'EPROTO'
    ? Object.assign(reason, { code: 'ERR_SSL_EPROTO' })
    : reason
}

/** As much of a `Response` as is read of one. */
class Answer {
  readonly status: number
  readonly statusText: string
  readonly ok: boolean
  readonly headers: AnswerHeaders
  readonly #message: http.IncomingMessage

  constructor(message: http.IncomingMessage) {
    this.#message = message
    this.status = message.statusCode!
    this.statusText = message.statusMessage!
    this.ok = this.status >= 200 && this.status < 300
    this.headers = new AnswerHeaders(message.rawHeaders)
  }

  /** As much of a `ReadableStream` as is read of one: chunk by chunk, or not at all. */
  get body(): { getReader(): unknown; cancel(): Promise<void> } {
    return {
      getReader: () => {
        const chunks = this.#content()[Symbol.asyncIterator]()
        return { read: () => chunks.next(), cancel: () => chunks.return?.() }
      },
      cancel: () => Promise.resolve(void this.#message.destroy()),
    }
  }

  text(): Promise<string> {
    return new Promise((resolve, reject) => {
      const content = this.#content()
      const chunks: Buffer[] = []
      const broke = () => reject(content.errored ?? new Error('the connection was closed within the answer'))
      if (content.destroyed) return broke()
      content.on('data', (chunk) => chunks.push(chunk))
      content.on(
        'end',
        () => resolve(new TextDecoder().decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))),
      )
      content.on('error', reject)
      content.on('close', broke)
    })
  }

  #content(): Readable {
    const codings = this.headers.get('content-encoding')?.toLowerCase().split(',') ?? []
    const unfolding = codings.toReversed().map((coding) => UNFOLDING[coding.trim()]?.()).filter((one) =>
      one !== undefined
    )
    // What goes wrong is heard by who reads the last of them.
    return unfolding.length === 0
      ? this.#message
      : pipeline([this.#message, ...unfolding], () => {}) as unknown as Readable
  }
}

/** As much of `Headers` as is read of them: one value per name, in the order of the names. */
class AnswerHeaders {
  readonly #values = new Map<string, string>()

  constructor(raw: string[]) {
    for (let i = 0; i < raw.length; i += 2) {
      const name = raw[i]!.toLowerCase()
      const known = this.#values.get(name)
      this.#values.set(name, known === undefined ? raw[i + 1]! : `${known}, ${raw[i + 1]}`)
    }
  }

  get(name: string): string | null {
    return this.#values.get(name) ?? null
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  [Symbol.iterator](): Iterator<[string, string]> {
    return [...this.#values].sort(([one], [other]) => one < other ? -1 : 1)[Symbol.iterator]()
  }
}
