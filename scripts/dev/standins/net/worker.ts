import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { hastyBatch, pacedBatch } from './batch.ts'
import { type Counts, type Intercept, noCounts } from './deliver.ts'
import { type Latch, makeLatch } from './latch.ts'
import { type Request, take } from './queue.ts'
import { openSession, type Session } from './session.ts'

export type { Counts, Fate, Intercept } from './deliver.ts'
export type { Request } from './queue.ts'

export type NetWorkerOptions = {
  /** Of a role that may use schema net; the worker serves this database. */
  databaseUrl: string
  /** False: no pauses, and a slow request holds up nobody. Default true, as the original. */
  pacing?: boolean
  /**
   * False: every request has as long as it takes. Where no sweep sends a second wake-up, a function that starts slowly on a
   * busy machine would lose the first for good. Default true, as the original.
   */
  timeouts?: boolean
  /** Decides what becomes of each request. Default: it is sent. */
  intercept?: Intercept
}

export type NetWorker = {
  /** Ends it; requests on their way are abandoned and stay in the queue. */
  stop(): Promise<void>
  /** The worker dies in mid-batch: its transaction is rolled back, and it starts again after a second. */
  kill(): Promise<void>
  setIntercept(intercept: Intercept): void
  /** Takes no further batch until `resume`. Resolves once none is being taken; one that was taken goes on. */
  pause(): Promise<void>
  resume(): void
  counts(): Counts
}

type Life = { session: Session; abandoned: AbortController; latch: Latch }

const secondMs = 1000
const oneDayMs = 86_400_000
// Between attempts to reach a database that is away, where nothing shall take a second.
const hurryMs = 50

/** Starts what sends the requests queued in schema net. Resolves once it listens; survives the database's restarts. */
export async function startNetWorker(options: NetWorkerOptions): Promise<NetWorker> {
  const pacing = options.pacing ?? true
  const loop = pacing ? pacedBatch : hastyBatch
  const counts = noCounts()
  let intercept: Intercept = options.intercept ?? (() => 'send')
  // Asked for each request: a loop may have begun before the test changed its mind.
  const fateOf: Intercept = (request) => intercept(request)
  let stopped = false
  let held = false
  let taking: Promise<Request[]> = Promise.resolve([])
  const takeBatch = (client: pg.Client) => held ? Promise.resolve([]) : (taking = take(client).then(extend))
  const extend = (batch: Request[]) =>
    options.timeouts === false ? batch.map((request) => ({ ...request, timeoutMs: oneDayMs })) : batch
  let life: Life | undefined

  const open = async () => {
    const latch = makeLatch()
    const abandoned = new AbortController()
    abandoned.signal.addEventListener('abort', () => latch.break(abandoned.signal.reason), { once: true })
    const session = await openSession(options.databaseUrl, (payload) => {
      if (payload === 'restart') abandoned.abort(new Error('the worker was asked to restart'))
      else latch.wake()
    })
    session.lost.catch((reason) => abandoned.abort(reason))
    // A worker that starts looks at the queue once: that is how what a dead one left behind goes out again.
    latch.wake()
    return life = { session, abandoned, latch }
  }

  async function work({ session, abandoned: { signal }, latch }: Life) {
    while (true) {
      while (held || !latch.takeWish()) await latch.wait()
      let busy = true
      while (busy) {
        busy = await loop(session, { takeBatch, fateOf, counts, abandoned: signal })
        if (pacing) await latch.wait(secondMs)
      }
    }
  }

  async function liveOn(first: Life) {
    let current: Life | undefined = first
    while (!stopped) {
      try {
        current ??= await open()
        if (!stopped) await work(current)
      } catch {
        // Whatever ended it, the original's worker is started again after a second, and again.
      }
      await end(current)
      current = undefined
      if (!stopped) await pause(pacing ? secondMs : hurryMs)
    }
  }

  const whole = liveOn(await open())

  return {
    async stop() {
      stopped = true
      await end(life)
      await whole
    },
    kill: () => end(life),
    setIntercept: (next) => void (intercept = next),
    async pause() {
      held = true
      await taking.catch(() => [])
    },
    resume() {
      held = false
      life?.latch.wake()
      life?.latch.set()
    },
    counts: () => ({ ...counts }),
  }
}

async function end(life: Life | undefined) {
  life?.abandoned.abort(new Error('the worker has ended'))
  await life?.session.end()
}
