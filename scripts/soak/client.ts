import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { Client } from '../cli/connection/client.ts'
import { type ActName, acts } from './acts/all.ts'
import type { Deps } from './load_queues.ts'

/** What a client does, by weights, and how long it rests between two acts, in milliseconds. */
export type Role = { acts: Partial<Record<ActName, number>>; restMs: [first: number, last: number] }

export type ClientPlan = {
  /** Of a role that may become service_role. */
  databaseUrl: string
  role: Role
  deps: Omit<Deps, 'db'>
  /** True while there is enough to do already. */
  isFull: () => boolean
  signal: AbortSignal
  /** Hears of what no user should ever get to see. */
  onError: (reason: unknown) => void
  onWarning: (text: string) => void
  /** Hears that the database went away; the client comes back when it does. */
  onLoss: () => void
}

/** Acts as service_role, over a connection of its own, until the signal comes. */
export async function runClient(plan: ClientPlan): Promise<void> {
  const { role, deps, signal, isFull, onError, onLoss } = plan
  let db: pg.Client | undefined
  while (!signal.aborted) {
    await pause(deps.random.between(...role.restMs))
    // Not none at all: every insert also wakes its queue, should that be what it lacks.
    if (isFull() && deps.random.chance(0.9)) continue
    try {
      db ??= await connect(plan)
      await acts[deps.random.weighted(role.acts)]({ ...deps, db })
    } catch (reason) {
      if (isLoss(reason)) onLoss()
      else onError(reason)
      await db?.end().catch(() => {})
      db = undefined
    }
  }
  await db?.end().catch(() => {})
}

async function connect({ databaseUrl, onWarning }: ClientPlan): Promise<pg.Client> {
  const db = new Client({ connectionString: databaseUrl })
  // What breaks here is heard of by the next query, too.
  db.on('error', () => {})
  db.on('notice', ({ severity, code, message }) => {
    if (severity === 'WARNING' && !isGoing(code)) onWarning(`${code} ${message}`)
  })
  await db.connect()
  await db.query('set role service_role')
  return db
}

// What the database says when it is about to go, or just coming.
const isGoing = (code = '') => code.startsWith('57P')

const isLoss = (reason: unknown): boolean => {
  const { code, message } = reason as { code?: string; message?: string }
  return isGoing(code) || /^(ECONN|EPIPE)/.test(code ?? '') ||
    /^Connection terminated|not queryable/.test(message ?? '')
}
