import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/** Stands between clients and a server as PgBouncer does with `pool_mode = transaction`. */
export type Pooler = {
  /** The same URL, by way of here. */
  by(url: string): string
  close(): Promise<void>
}

type Frame = { type: string; bytes: Buffer }
type Server = { socket: Socket; of: string; client: Client | undefined }
type Client = { socket: Socket; of: string; server: Server | undefined; waits: Frame[] }

const STARTUP = 196608
const SSL_REQUEST = 80877103

/**
 * A stand-in for a pooler that gives a connection for one transaction, with what PgBouncer 1.18 was seen to do:
 *
 * - The connection that was idle for longest is given, so that nothing that a session keeps is there the next time: neither
 *   `set` nor what was prepared.
 * - LISTEN is accepted. What a connection is told while nobody has it is dropped; else whoever has it hears it.
 * - `options` among what a client starts with are refused.
 *
 * Each client brings a connection along, which stays when the client leaves.
 */
export async function startPooler(url: string): Promise<Pooler> {
  const { hostname: host, port } = new URL(url)
  const sockets = new Set<Socket>()
  // Of each user and database, the one that was idle for longest first.
  const idle: Server[] = []
  const waiting: Client[] = []

  const server = createServer((socket) => {
    keep(socket)
    let pending = Buffer.alloc(0)
    const begin = (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk])
      if (pending.length < 8 || pending.length < pending.readInt32BE(0)) return
      const code = pending.readInt32BE(4)
      if (code === SSL_REQUEST) {
        pending = pending.subarray(8)
        return void socket.write('N')
      }
      socket.off('data', begin)
      if (code !== STARTUP) return void socket.destroy()
      open(socket, pending)
    }
    socket.on('data', begin)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port: own } = server.address() as AddressInfo

  return {
    by(given) {
      const changed = new URL(given)
      changed.host = `127.0.0.1:${own}`
      return changed.href
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      sockets.forEach((socket) => socket.destroy())
      await closed
    },
  }

  function keep(socket: Socket): void {
    sockets.add(socket)
    socket.setNoDelay()
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }

  /** Has the client prove to the server who it is, and the connection kept when that is done. */
  function open(socket: Socket, startup: Buffer): void {
    const said = startup.toString('utf8', 8).split('\0')
    const of = ['user', 'database'].map((name) => said[said.indexOf(name) + 1]).join(' ')
    if (said.includes('options')) {
      return void socket.end(fatal('08P01', 'unsupported startup parameter: options'))
    }
    const client: Client = { socket, of, server: undefined, waits: [] }
    const far = connect({ host, port: Number(port) })
    keep(far)
    far.write(startup)
    const mine: Server = { socket: far, of, client }
    client.server = mine
    socket.on('data', framed((frame) => fromClient(client, frame)))
    socket.on('close', () => leave(client))
    far.on('data', framed((frame) => fromServer(mine, frame)))
    far.on('close', () => {
      mine.client?.socket.end()
      drop(idle, mine)
    })
  }

  function fromClient(client: Client, frame: Frame): void {
    if (frame.type === 'X') return void client.socket.end()
    client.waits.push(frame)
    client.server ??= take(client)
    if (client.server) send(client)
    else if (!waiting.includes(client)) waiting.push(client)
  }

  function fromServer(from: Server, { type, bytes }: Frame): void {
    from.client?.socket.write(bytes)
    const isFree = type === 'Z' && bytes.toString('latin1', 5) === 'I'
    if (!isFree) return
    if (from.client) from.client.server = undefined
    from.client = undefined
    idle.push(from)
    const next = waiting.findIndex(({ of }) => of === from.of)
    if (next < 0) return
    const [client] = waiting.splice(next, 1)
    client!.server = take(client!)
    send(client!)
  }

  function take(client: Client): Server | undefined {
    const at = idle.findIndex(({ of }) => of === client.of)
    if (at < 0) return undefined
    const [given] = idle.splice(at, 1)
    given!.client = client
    return given
  }

  function send({ server: to, waits }: Client): void {
    for (const { bytes } of waits.splice(0)) to!.socket.write(bytes)
  }

  /** What it had begun is undone with its connection. */
  function leave(client: Client): void {
    drop(waiting, client)
    if (!client.server) return
    client.server.client = undefined
    client.server.socket.destroy()
  }
}

function drop<One>(from: One[], one: One): void {
  const at = from.indexOf(one)
  if (at >= 0) from.splice(at, 1)
}

/** Hears message by message, however the bytes come. */
function framed(hear: (frame: Frame) => void): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0)
  return (chunk) => {
    pending = Buffer.concat([pending, chunk])
    while (pending.length >= 5 && pending.length > pending.readInt32BE(1)) {
      const length = pending.readInt32BE(1) + 1
      hear({ type: String.fromCharCode(pending[0]!), bytes: pending.subarray(0, length) })
      pending = pending.subarray(length)
    }
  }
}

function fatal(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}
