import { SupaqueueError } from './errors.ts'

/** A client of supabase-js, whatever types of the database it was made with. */
export type Supabase = {
  schema(name: never): unknown
  rpc(name: never, args?: never): unknown
}

/** What a client is asked in. Nothing else of supabase-js is used. */
export type Rest = {
  rpc(name: string, args: Record<string, unknown>): Query
  from(table: string): { select(columns: string): Query }
}

type Query = PromiseLike<Answer> & {
  eq(column: string, value: unknown): Query
  in(column: string, values: readonly unknown[]): Query
  abortSignal(signal: AbortSignal): Query
}

type Answer = {
  data: unknown
  error: { code?: string; message?: string; hint?: string | null } | null
  status: number
}

// Longer than the eight seconds that PostgREST allows a statement: what did not answer by then is no longer running.
const TIMEOUT_MS = 10_000

/** What the database answers. Throws a `SupaqueueError` with its code, or `SQ503` where nothing of it was heard. */
export async function ask(query: Query, what: string): Promise<unknown> {
  const { data, error, status } = await query.abortSignal(AbortSignal.timeout(TIMEOUT_MS))
  if (!error) return data
  const { code, message, hint } = error
  if (!code || status === 0 || (status >= 500 && !code.startsWith('SQ'))) {
    throw new SupaqueueError(
      'SQ503',
      `${what} was not answered: ${message || `HTTP ${status}`}`,
      'Usually passing: try again. Whether it was carried out is unknown; a dedupeKey keeps a job from being enqueued twice.',
    )
  }
  throw new SupaqueueError(code, message ?? `${what} failed: HTTP ${status}`, hint || hints[code] || 'See the code.')
}

const INSTALL = "Run supaqueue's installer again: it brings what this version of the client calls, and exposes it."

const hints: Record<string, string> = {
  PGRST106: INSTALL,
  PGRST202: INSTALL,
  '42501':
    'For openQueue the client needs a secret key. For openQueueAsUser the queue must be open to who is signed in: ' +
    'supaqueue.allow(queue, role).',
}

/** Whether to ask again makes sense. */
export const isPassing = (reason: unknown): boolean => reason instanceof SupaqueueError && reason.code === 'SQ503'
