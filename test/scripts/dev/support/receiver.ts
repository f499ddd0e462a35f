import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

export type Received = { path: string; method: string; headers: IncomingHttpHeaders; body: string }

/**
 * An HTTP server that remembers what it received. A path below /hold is answered only by `release`, /fail with 500,
 * /cut never: its connection is closed.
 */
export async function receiver() {
  const received: Received[] = []
  const held: ServerResponse[] = []

  const server = createServer(async (request, response) => {
    const path = request.url ?? ''
    const body = await text(request)
    received.push({ path, method: request.method ?? '', headers: request.headers, body })
    if (path.startsWith('/cut')) request.socket.destroy()
    else if (path.startsWith('/hold')) held.push(response)
    else response.writeHead(path.startsWith('/fail') ? 500 : 200, { 'content-type': 'text/plain' }).end('thanks')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }

  return {
    url: `http://127.0.0.1:${port}`,
    received,
    paths: () => received.map(({ path }) => path),
    heldBack: () => held.length,
    release() {
      for (const response of held.splice(0)) response.end('at last')
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
