import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { listen } from '../work/listen.ts'

type Answer = (request: Request) => Response | Promise<Response>

export type Server = { address: string; close(): Promise<void> }

// A connection that is kept is the proxy's, whose own bound is often a minute: who closes last loses no request.
const IDLE_MS = 75_000
const LONGEST_HEAD_MS = 10_000
const LONGEST_REQUEST_MS = 60_000
const MOST_CONNECTIONS = 1000

/** Answers HTTP with what it is given for that. `close` waits for the requests that have begun. */
export async function openServer(
  { port, host }: { port: number; host: string },
  answer: Answer,
): Promise<Server> {
  const under = new Set<Promise<void>>()
  const server = createServer((incoming, outgoing) => {
    const done = serve(answer, incoming, outgoing).catch(() => void outgoing.destroy())
    under.add(done)
    void done.finally(() => under.delete(done))
  })
  server.maxConnections = MOST_CONNECTIONS
  server.keepAliveTimeout = IDLE_MS
  server.headersTimeout = LONGEST_HEAD_MS
  server.requestTimeout = LONGEST_REQUEST_MS
  return {
    address: await listen(server, { port, host }, 'Choose another --port, or 0 for any free one.'),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      while (under.size > 0) await Promise.all(under)
      server.closeAllConnections()
      await closed
    },
  }
}

async function serve(answer: Answer, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  // What no request of the web may be. CONNECT does not come this way.
  if (incoming.method === 'TRACE' || incoming.method === 'TRACK') {
    outgoing.writeHead(405, { connection: 'close' }).end()
    return
  }
  const response = await answer(requestOf(incoming))
  const body = Buffer.from(await response.arrayBuffer())
  const headers: [string, string][] = [...response.headers]
  outgoing.writeHead(response.status, [...headers, ['content-length', String(body.length)]].flat())
  await new Promise<void>((resolve) => {
    outgoing.once('close', resolve)
    outgoing.end(incoming.method === 'HEAD' ? undefined : body, resolve)
  })
}

function requestOf(incoming: IncomingMessage): Request {
  const { method = 'GET', url = '/', rawHeaders } = incoming
  const headers = new Headers()
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!)
  const hasBody = method !== 'GET' && method !== 'HEAD'
  // Whose name it was called by matters to nobody here, and might be none.
  return new Request(`http://localhost${url.startsWith('/') ? url : `/${url}`}`, {
    method,
    headers,
    ...(hasBody && { body: streamOf(incoming), duplex: 'half' }),
  } as RequestInit)
}

/**
 * The body as it comes. What its reader does not want is read all the same, and forgotten: who is still sending would else
 * not hear the answer. How long that may take is bounded for every request.
 */
function streamOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let wanted = true
  return new ReadableStream<Uint8Array>({
    start(controller) {
      incoming.pause()
      incoming.on('data', (chunk: Buffer) => {
        if (!wanted) return
        controller.enqueue(new Uint8Array(chunk))
        incoming.pause()
      })
      incoming.on('end', () => wanted && controller.close())
      incoming.on('close', () => {
        if (wanted && !incoming.complete) controller.error(new Error('the body breaks off'))
        wanted = false
      })
      incoming.on('error', () => {})
    },
    pull: () => void incoming.resume(),
    cancel() {
      wanted = false
      incoming.resume()
    },
  }, { highWaterMark: 0 })
}
