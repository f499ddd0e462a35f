import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer } from './answer.ts'
import { type Caller, whoCalls } from './caller.ts'
import type { Keyring } from './keyring.ts'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'

/** What stands behind the gateway. */
export type Routes = {
  rest: { handle(request: IncomingMessage, response: ServerResponse, caller: Caller): unknown }
  edge: { handle(request: IncomingMessage, response: ServerResponse): unknown; names(): string[] }
}
export type Gateway = { url: string; port: number; open(routes: Routes): void; stop(): Promise<void> }

/**
 * One port of 127.0.0.1 for /rest/v1 and /functions/v1. It listens at once, because what stands behind it needs to know
 * its URL; until `open` it answers 503. Port 0 takes any free one.
 */
export async function startGateway({ port = 0, keyring }: { port?: number; keyring: Keyring }): Promise<Gateway> {
  let routes: Routes | undefined
  const server = createServer((request, response) => {
    if (!routes) return answer(response, 503, { message: 'The stack is starting', hint: 'Try again in a moment.' })
    route(request, response, routes, keyring).catch((reason) => {
      answer(response, 500, { message: String(reason), hint: 'This is a fault of the stack itself.' })
    })
  })
  // A function may take its time over an upload; its own limits apply, not Node's.
  server.requestTimeout = 0
  server.keepAliveTimeout = 65_000

  await listen(server, port)
  const bound = (server.address() as AddressInfo).port
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    open: (opened) => void (routes = opened),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function route(request: IncomingMessage, response: ServerResponse, { rest, edge }: Routes, keyring: Keyring) {
  const url = request.url ?? '/'
  // A function answers its preflights itself, as on the hosted platform.
  if (url.startsWith('/functions/v1/')) return edge.handle(request, response)
  if (url.startsWith('/rest/v1/')) {
    response.setHeader('access-control-allow-origin', '*')
    if (request.method === 'OPTIONS') return preflight(request, response)
    const caller = await whoCalls(request, keyring)
    if ('status' in caller) return answer(response, caller.status, caller.body, caller.headers)
    return rest.handle(request, response, caller)
  }
  if (url === '/') {
    const functions = edge.names().map((name) => `/functions/v1/${name}`)
    return answer(response, 200, { name: 'supaqueue local stack', rest: '/rest/v1', functions })
  }
  answer(response, 404, { message: 'no Route matched with those values', hint: 'GET / lists what is served.' })
}

function preflight(request: IncomingMessage, response: ServerResponse) {
  response.writeHead(204, {
    'access-control-allow-methods': 'GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
    'access-control-max-age': '3600',
  }).end()
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (reason: NodeJS.ErrnoException) => reject(portTaken(reason, port)))
    server.listen(port, '127.0.0.1', resolve)
  })
}

function portTaken(reason: NodeJS.ErrnoException, port: number): Error {
  if (reason.code !== 'EADDRINUSE') return reason
  return new SupaqueueError(
    'SQ409',
    `Port ${port} of 127.0.0.1 is taken, so the API cannot listen on it.`,
    'Stop the program that listens there, or choose another port with --port.',
  )
}
