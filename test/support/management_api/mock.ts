import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type Fault, makeFaults } from './faults.ts'
import { type Reply, routes, type World } from './routes.ts'
import type { State } from './state.ts'

/** A request as it came: the path without query. */
export type Asked = { method: string; path: string; status: number; body: string }

export type Mock = {
  url: string
  asked: Asked[]
  fail(fault: Fault): void
  fix(): void
  stop(): Promise<void>
}

/** The Management API of one project, on loopback. Refuses what the platform would refuse, as far as its contract is known. */
export async function startMock(state: State, world: World): Promise<Mock> {
  const asked: Asked[] = []
  const faults = makeFaults()

  const server = createServer(async (request, response) => {
    const raw = await buffer(request)
    const url = new URL(request.url ?? '/', 'http://mock')
    const method = request.method ?? 'GET'
    const path = url.pathname
    const note = (status: number) =>
      asked.push({ method, path, status, body: raw.subarray(0, 4000).toString('latin1') })

    const fault = faults.meet(method, path)
    if (fault?.how === 'silence') return note(0)
    if (fault?.how === 'cut') {
      note(0)
      return request.socket.destroy()
    }
    const reply = typeof fault?.how === 'number'
      ? { status: fault.how, body: { message: `injected ${fault.how}` } }
      : await answer(request, url, raw)
    note(reply.status)
    if (fault?.how === 'cut after') return request.socket.destroy()
    send(response, reply, fault?.headers)
  })

  async function answer(request: IncomingMessage, url: URL, raw: Buffer): Promise<Reply> {
    if (request.headers.authorization !== `Bearer ${state.token}`) {
      return { status: 401, body: { message: 'Unauthorized' } }
    }
    try {
      return await routes(state, world, {
        method: request.method ?? 'GET',
        url,
        raw,
        contentType: request.headers['content-type'] ?? '',
      })
    } catch (reason) {
      return { status: 400, body: { message: (reason as Error).message } }
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    fail: faults.add,
    fix: faults.clear,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function send(response: ServerResponse, { status, body }: Reply, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(body === undefined ? '' : JSON.stringify(body))
}
