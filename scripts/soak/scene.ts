import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { Client } from '../cli/connection/client.ts'
import { startCronScheduler } from '../dev/standins/cron/scheduler.ts'
import type { Stack } from '../dev/stack.ts'
import type { LoadQueues } from './load_queues.ts'
import type { Recorder } from './recorder.ts'
import type { Size } from './sizes.ts'

export type SoakPlan = {
  /** How long the load lasts. */
  ms: number
  seed: number
  /** Ends the load early. */
  signal: AbortSignal
  /** Gets a line for a person now and then. */
  say: (line: string) => void
  /** Gets what functions print. */
  log: (line: string) => void
}

/** What a soak goes on in. */
export type Scene = { stack: Stack; recorder: Recorder; cron: Cron; queues: LoadQueues; sizesBefore: Size[] }

export type Cron = { stop(): Promise<void>; start(): Promise<void> }

/** The stand-in for pg_cron, to be stopped and started again; it runs. */
export async function makeCron({ adminUrl }: Stack): Promise<Cron> {
  let running = await startCronScheduler({ databaseUrl: adminUrl })
  return {
    stop: () => running.stop(),
    /** Resolves once it runs, which takes as long as the database is away. */
    async start() {
      while (true) {
        const started = await startCronScheduler({ databaseUrl: adminUrl }).catch(() => undefined)
        if (started) return void (running = started)
        await pause(100)
      }
    },
  }
}

/** Does something with a connection of its own, as the role that owns supaqueue. */
export async function withDatabase<T>({ databaseUrl }: Stack, work: (db: pg.Client) => Promise<T>): Promise<T> {
  const db = new Client({ connectionString: databaseUrl })
  db.on('error', () => {})
  await db.connect()
  try {
    return await work(db)
  } finally {
    await db.end()
  }
}
