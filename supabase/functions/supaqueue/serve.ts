import { lookup } from 'node:dns/promises'
import { type Dispatcher, openDispatcher } from './dispatcher.ts'
import { connect } from './direct/driver.ts'
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

/** Serves the dispatcher: all that the index.ts of a function has to do. */
export function serve(): void {
  addEventListener('beforeunload', () => dispatcher?.unload())
  Deno.serve(makeHandle(open))
}
