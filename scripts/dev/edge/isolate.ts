import { Agent, type IncomingMessage, type ServerResponse } from 'node:http'
import { forward, type Outcome } from './forward.ts'
import type { RefusalCode } from './refusal.ts'

/** A running process of a function. */
export type Child = { socketPath: string; gone: Promise<void>; signal(name: NodeJS.Signals): void }
export type Limits = { wallClockMs: number; idleTimeoutMs: number; graceMs: number }

export type Isolate = {
  /** False once it is retired or gone: requests go to another. */
  takesRequests(): boolean
  forward(request: IncomingMessage, response: ServerResponse, path: string): Promise<Outcome>
  /** Takes no new requests, and goes when its requests and its background work are done. */
  retire(): void
  kill(): Promise<void>
  /** Lets it say goodbye, then ends it. */
  stop(): Promise<void>
  gone: Promise<void>
  /** Why requests that were with it had no answer. */
  epitaph(): RefusalCode
}

/** Puts the platform's limits on a process: retired at half of the wall clock, killed at its end. */
export function makeIsolate(child: Child, limits: Limits, ranOutOfMemory: () => boolean): Isolate {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 256 })
  let requests = 0
  let state: 'serving' | 'retired' | 'gone' = 'serving'
  let outOfTime = false

  const retire = () => {
    if (state !== 'serving') return
    state = 'retired'
    goWhenIdle()
  }
  const goWhenIdle = () => {
    if (state === 'retired' && requests === 0) child.signal('SIGUSR2')
  }
  const kill = () => {
    if (state === 'serving') state = 'retired'
    child.signal('SIGKILL')
    return child.gone
  }

  const timers = [
    setTimeout(retire, limits.wallClockMs / 2),
    setTimeout(() => {
      outOfTime = true
      kill()
    }, limits.wallClockMs),
  ]
  const gone = child.gone.then(() => {
    state = 'gone'
    timers.forEach(clearTimeout)
    agent.destroy()
  })

  return {
    takesRequests: () => state === 'serving',
    forward(request, response, path) {
      requests += 1
      const target = { socketPath: child.socketPath, agent, path, idleTimeoutMs: limits.idleTimeoutMs }
      return forward(request, response, target, () => {
        requests -= 1
        goWhenIdle()
      })
    },
    retire,
    kill,
    async stop() {
      if (state === 'serving') state = 'retired'
      child.signal('SIGTERM')
      // Its own grace, and a little for leaving.
      const timer = setTimeout(() => child.signal('SIGKILL'), limits.graceMs + 500)
      await child.gone
      clearTimeout(timer)
    },
    gone,
    epitaph: () => outOfTime || ranOutOfMemory() ? 'WORKER_RESOURCE_LIMIT' : 'WORKER_ERROR',
  }
}
