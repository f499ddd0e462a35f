import { openPool } from '../cli/connection/client.ts'
import {
  type Ask,
  DIRECT_TURN,
  errorOfStatement,
  isOfStatement,
  SETTINGS,
  TURN_TIMEOUT_MS,
  turnError,
  withValues,
} from './dispatcher.ts'
import type { ServedDatabase } from './databases.ts'

export type Turns = {
  /** Takes a turn over whichever connection is free. */
  ask: Ask
  /** Sweeps. It may take longer than a turn. */
  sweep(request: object): Promise<void>
  /** Says something to whoever listens to the database. */
  notify(word: string): Promise<void>
  end(): Promise<void>
}

// Connections are few: what was not used for so long is given back.
const IDLE_MS = 10_000

const LONGEST_SWEEP_MS = 120_000

/** The connections by which the runs of a process take their turns: opened when there are turns, at most `most`. */
export function openTurns({ url }: ServedDatabase, most: number): Turns {
  const pool = openPool({
    connectionString: url,
    application_name: 'supaqueue work turns',
    max: most,
    idleTimeoutMillis: IDLE_MS,
    onConnect: async (client) => void await client.query(SETTINGS),
  })

  return {
    async ask(request) {
      try {
        const { rows: [row] } = await pool.query({
          name: 'supaqueue_turn',
          text: DIRECT_TURN,
          values: [JSON.stringify(request)],
          ...{ query_timeout: TURN_TIMEOUT_MS },
        })
        return row?.answer
      } catch (reason) {
        if (isOfStatement(reason)) throw errorOfStatement(reason)
        throw turnError({ message: `the connection to the database broke: ${(reason as Error).message}` })
      }
    },
    async sweep(request) {
      // As long as the role may.
      await pool.query({
        text: `set local statement_timeout to default; ${withValues(DIRECT_TURN, JSON.stringify(request))}`,
        ...{ query_timeout: LONGEST_SWEEP_MS },
      })
    },
    async notify(word) {
      await pool.query("select pg_catalog.pg_notify('supaqueue', $1)", [word])
    },
    end: () => pool.end(),
  }
}
