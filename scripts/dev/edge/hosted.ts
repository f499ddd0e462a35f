import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Isolate } from './isolate.ts'
import { refuse } from './refusal.ts'

/** A function that is served: the isolate that takes its requests, and those that only finish theirs. */
export type Hosted = {
  serve(request: IncomingMessage, response: ServerResponse, path: string): Promise<void>
  /** Starts it before the first request needs it. False if it does not start. */
  warm(): Promise<boolean>
  restart(): void
  kill(): Promise<void>
  stop(): Promise<void>
  isRunning(): boolean
  /** How many requests reached it. */
  count(): number
}

const reachDeadlineMs = 30_000

/** Serves one function; `start` makes an isolate of it, or undefined if it does not come up. */
export function hostFunction(start: () => Promise<Isolate | undefined>): Hosted {
  const alive = new Set<Isolate>()
  let current: Promise<Isolate | undefined> | undefined
  let serving: Isolate | undefined
  let stopped = false
  let count = 0

  const bootOne = async () => {
    const isolate = await start()
    if (!isolate) return undefined
    alive.add(isolate)
    isolate.gone.then(() => alive.delete(isolate))
    // Stopped while it came up.
    if (stopped) await isolate.stop()
    return isolate
  }

  /** The isolate for the next request: the present one, or a new one. Requests that come together wait for the same. */
  const isolateForRequest = (): Promise<Isolate | undefined> | Isolate => {
    if (serving?.takesRequests()) return serving
    if (current) return current
    serving = undefined
    const booting = bootOne().then((isolate) => {
      if (current === booting) {
        current = undefined
        serving = isolate
      }
      return isolate
    })
    return current = booting
  }

  return {
    async serve(request, response, path) {
      const deadline = Date.now() + reachDeadlineMs
      while (!stopped && Date.now() < deadline) {
        const isolate = await isolateForRequest()
        if (!isolate) return refuse(response, 'BOOT_ERROR')
        if (!isolate.takesRequests()) continue

        // Its caller went while the function started, and what it had sent is gone, too.
        if (request.destroyed) return
        count += 1
        const outcome = await isolate.forward(request, response, path)
        if (outcome === 'answered') return
        if (outcome === 'timed out') return refuse(response, 'IDLE_TIMEOUT')
        if (outcome === 'broken') {
          // How it ended decides what its requests are told.
          await Promise.race([isolate.gone, pause(1000)])
          return refuse(response, isolate.epitaph())
        }
        // Gone a moment ago, or its queue of new connections is full. Nothing was sent, so trying again is safe.
        count -= 1
        await Promise.race([isolate.gone, pause(10)])
      }
      refuse(response, 'WORKER_ERROR')
    },
    warm: async () => await isolateForRequest() !== undefined,
    restart() {
      serving?.retire()
      // One that is just coming up may have read the old file.
      current?.then((isolate) => isolate?.retire())
      current = undefined
    },
    async kill() {
      await Promise.all([...alive].map((isolate) => isolate.kill()))
    },
    async stop() {
      stopped = true
      await current
      await Promise.all([...alive].map((isolate) => isolate.stop()))
    },
    isRunning: () => alive.size > 0,
    count: () => count,
  }
}
