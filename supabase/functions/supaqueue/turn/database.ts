import { createClient } from '@supabase/supabase-js'
import type { z } from 'zod'
import { SupaqueueError } from '../../_shared/supaqueue/errors.ts'
import { clockAnswer, type TurnAnswer, turnAnswer, type TurnRequest } from './turn.ts'

/**
 * One round trip to the database. Throws a `SupaqueueError` when it brought no usable answer; whether the database carried it out is unknown then. Its `details.passing` says whether trying
 * again helps before somebody has mended the installation.
 */
export type TakeTurn = (request: TurnRequest) => Promise<TurnAnswer>

// Longer than the eight seconds that PostgREST allows a statement: what did not answer by then is no longer running.
const TURN_TIMEOUT_MS = 10_000

/** The database as a run sees it, through the project's REST door. */
export function openDatabase({ supabaseUrl, key }: { supabaseUrl: string; key: string }) {
  // With an access token of its own the client keeps no session and starts no timers for one.
  const client = createClient(supabaseUrl, key, { accessToken: () => Promise.resolve(key) })

  const ask = async (request: TurnRequest | Record<never, never>): Promise<unknown> => {
    const { data, error, status } = await client
      .rpc('supaqueue_turn', { request })
      .abortSignal(AbortSignal.timeout(TURN_TIMEOUT_MS))
    if (error) throw turnError(status, error)
    return data
  }

  return {
    takeTurn: async (request: TurnRequest): Promise<TurnAnswer> => read(turnAnswer, await ask(request)),
    /** The database's clock, Unix milliseconds. */
    clock: async (): Promise<number> => read(clockAnswer, await ask({})).now_ms,
  }
}

function read<Answer>(schema: z.ZodType<Answer>, data: unknown): Answer {
  const found = schema.safeParse(data)
  if (found.success) return found.data
  throw new SupaqueueError(
    'SQ422',
    // Paths and rules only: the values may be payloads.
    `the database answered a turn in a form unknown here: ${
      found.error.issues.map(({ path, code }) => `${path.join('.')} ${code}`).slice(0, 3).join(', ')
    }`,
    'The database and the dispatcher are of different versions. Run the installer again.',
    { passing: false },
  )
}

function turnError(status: number, error: { code: string; message: string; hint: string }): SupaqueueError {
  if (error.code === 'PGRST202') {
    return new SupaqueueError(
      'SQ404',
      'the database has no function public.supaqueue_turn',
      "Run the installer again. If it is there, reload the REST door's schema: notify pgrst, 'reload schema';",
      { passing: false },
    )
  }
  if (status === 401 || status === 403) {
    return new SupaqueueError(
      `SQ${status}`,
      `the database refused the dispatcher: ${error.message}`,
      'The key in SUPABASE_SECRET_KEYS or SUPABASE_SERVICE_ROLE_KEY must be valid and belong to service_role.',
      { passing: false },
    )
  }
  return new SupaqueueError(
    error.code || 'SQ503',
    `the turn failed: ${error.message}`,
    error.hint || 'Usually passing: the run tries again, and the leases keep its jobs.',
    { passing: true },
  )
}
