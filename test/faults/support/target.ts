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

/** Whether a request has been read to its end. */
function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const [head, body] = [text.slice(0, end), text.slice(end + 4)]
  if (/^transfer-encoding: *chunked/im.test(head)) return body.endsWith('0\r\n\r\n')
  return body.length >= Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
}

/**
 * Answers the first request of a connection, once all of it was read: where an answer and the end of the connection come before that, the
 * caller writes on to nobody, and says that it could not ask in place of what it was answered.
 */
export function onceAsked(socket: Socket, answer: () => unknown): void {
  let text = ''
  const read = (chunk: Buffer) => {
    text += chunk.toString('latin1')
    if (!isWhole(text)) return
    // What comes after it is read, and dropped.
    socket.off('data', read).resume()
    answer()
  }
  socket.on('error', () => {}).on('data', read)
}

/** A target that speaks as it likes once it was asked. */
export async function openSocketTarget(answer: (socket: Socket) => unknown): Promise<Target> {
  const sockets = new Set<Socket>()
  const server = createSocketServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    onceAsked(socket, () => answer(socket))
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
