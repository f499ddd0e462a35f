import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net'

/** What a target was sent: the headers as they were sent, names and values in turn. */
export type Visit = { method: string; path: string; raw: string[]; headers: IncomingMessage['headers']; body: Buffer }

export type Target = {
  origin: string
  host: string
  visits: Visit[]
  close(): Promise<void>
}

const portOf = (server: { address(): AddressInfo | string | null }) => (server.address() as AddressInfo).port

/** A target that answers as told, and remembers every header that it was sent. */
export async function openTarget(answer: (response: ServerResponse, visit: Visit) => unknown): Promise<Target> {
  const visits: Visit[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url: path = '', rawHeaders: raw, headers } = request
    const visit = { method, path, raw, headers, body: Buffer.concat(chunks) }
    visits.push(visit)
    await answer(response, visit)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${portOf(server)}`,
    host: `127.0.0.1:${portOf(server)}`,
    visits,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A target that speaks as it likes once it was asked. */
export async function openSocketTarget(answer: (socket: Socket) => unknown): Promise<Target> {
  const sockets = new Set<Socket>()
  const server = createSocketServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {}).once('data', () => answer(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${portOf(server)}`,
    host: `127.0.0.1:${portOf(server)}`,
    visits: [],
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The address of a target that has gone. */
export async function closedTarget(): Promise<Target> {
  const target = await openTarget(() => {})
  await target.close()
  return { ...target, close: () => Promise.resolve() }
}
