import { lookup } from 'node:dns/promises'
import { type Dispatcher, openDispatcher } from './dispatcher.ts'
import type { Connection } from './turn/database_url.ts'
import type { Client } from './turn/direct.ts'
import { makeHandle } from './wake/handle.ts'

// The only file that knows it runs on Deno.

const bornAt = performance.now()

const runtime = (globalThis as { EdgeRuntime?: { waitUntil?(work: Promise<unknown>): void } })
  .EdgeRuntime

let dispatcher: Dispatcher | undefined

const open = (): Dispatcher =>
  dispatcher ??= openDispatcher({
    env: Deno.env.toObject(),
    fetch,
    resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
    connect,
    unixNow: Date.now,
    now: () => performance.now(),
    after(ms, ring) {
      const timer = setTimeout(ring, ms)
      return () => clearTimeout(timer)
    },
    random: Math.random,
    newId: () => crypto.randomUUID(),
    background: (work) => runtime?.waitUntil?.(work),
    log: (line) => console.log(JSON.stringify(line)),
    bornAt,
  })

/** The driver is loaded by whoever has a connection to open, and by nobody else. */
async function connect(to: Connection, onLost: (reason: Error) => void): Promise<Client> {
  const { default: pg } = await import('pg')
  const client = new pg.Client(to)
  client.on('error', onLost)
  await client.connect()
  return client
}

/** Serves the dispatcher: all that the index.ts of a function has to do. */
export function serve(): void {
  addEventListener('beforeunload', () => dispatcher?.unload())
  Deno.serve(makeHandle(open))
}
