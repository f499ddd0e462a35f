import { type Book, makeBook, type Order } from './book.ts'
import { type Role, runClient } from './client.ts'
import type { LoadQueues } from './load_queues.ts'
import { makeRandom, type Random } from './random.ts'
import type { Recorder } from './recorder.ts'

export type LoadPlan = {
  databaseUrl: string
  functionsUrl: string
  recorder: Recorder
  queues: LoadQueues
  seed: number
  /** A role for each client. */
  roles: Role[]
  /** What jobs are to do. */
  order: (random: Random) => Order
  /** With so many jobs waiting, clients hold back. */
  fullAt: number
}

export type Load = {
  book: Book
  /** What no user should ever get to see. */
  errors: unknown[]
  /** What the database warned its clients of. */
  warnings: string[]
  /** How often a client found the database gone. */
  losses(): number
  /** Lets every client finish what it is at. */
  stop(): Promise<void>
}

/** Sets clients to work on the queues, each over a connection of its own. */
export function startLoad(plan: LoadPlan): Load {
  const { databaseUrl, functionsUrl, recorder, queues, seed, roles, order, fullAt } = plan
  const { visits } = recorder
  const book = makeBook()
  const ending = new AbortController()
  const errors: unknown[] = []
  const warnings: string[] = []
  let losses = 0

  const clients = roles.map((role, place) => {
    const random = makeRandom(seed + place * 7919)
    return runClient({
      databaseUrl,
      role,
      deps: {
        random,
        queues,
        book,
        visits,
        order: () => order(random),
        mark: (change) => recorder.mark(functionsUrl, change),
      },
      isFull: () => book.counts().committed - visits.jobs() > fullAt,
      signal: ending.signal,
      onError: (reason) => errors.push(reason),
      onWarning: (text) => warnings.push(text),
      onLoss: () => losses++,
    })
  })

  return {
    book,
    errors,
    warnings,
    losses: () => losses,
    async stop() {
      ending.abort()
      await Promise.all(clients)
    },
  }
}
