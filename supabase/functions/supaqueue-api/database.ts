import { z } from 'zod'
import { type UseApiKey, usedKey } from './caller.ts'
import { SupaqueueError } from '../_shared/supaqueue/errors.ts'
import { UNREAD, usuallyPasses } from '../_shared/supaqueue/passing.ts'

/** One request for the database: which operation, with what. `body` and the answer are JSON as text. */
export type Asked = {
  route: string
  parameters: Record<string, unknown>
  body?: string
  caller: string
  idempotency_key?: string
  request_hash?: string
}

/** The database as the door sees it. All of it throws a `SupaqueueError` when it cannot answer. */
export type Database = {
  answer(asked: Asked): Promise<{ body: string; replayed: boolean }>
  useApiKey: UseApiKey
  /** Prometheus text. */
  metrics(): Promise<string>
}

const answered = z.object({ body: z.string(), replayed: z.boolean() })

// Longer than the eight seconds that a statement is allowed: what did not answer by then is no longer running.
export const TIMEOUT_MS = 10_000

/**
 * A way to call one of the functions that the door stands on, by which the answer comes as JSON. Throws a
 * `SupaqueueError`.
 */
export type Ask = (name: 'answer_api' | 'use_api_key' | 'metrics', args: Record<string, unknown>) => Promise<unknown>

/** The database by whatever leads to it. */
export const openDatabase = (ask: Ask): Database => ({
  answer: async (asked) => answered.parse(await ask('answer_api', asked)),
  useApiKey: async (hash) => usedKey.nullable().parse(await ask('use_api_key', { hash })),
  metrics: async () => z.string().parse(await ask('metrics', {})),
})

type DatabaseError = { code: string; message: string; hint: string }

/** What an error of the database means for whoever knocked. */
export function errorOf(status: number, { code = '', message, hint }: DatabaseError): SupaqueueError {
  if (/^SQ[45]\d\d$/.test(code)) {
    return new SupaqueueError(code, message, hint || 'docs/reference/errors.md explains the code.')
  }
  if (code === '23505') {
    return new SupaqueueError('SQ409', message, 'Nothing was changed. Something of the same name or key is there.')
  }
  // A value that no column holds; a constraint, whose name is the claim that does not hold.
  if (/^(22|23|54001)/.test(code)) {
    return new SupaqueueError('SQ422', message, 'Nothing was changed. Fix what the message names.')
  }
  if (code === 'PGRST106') {
    return ill(
      'the Data API does not serve the schema supaqueue',
      'Add it under Project Settings, Data API, Exposed schemas.',
    )
  }
  if (code === 'PGRST202') {
    return noFunction(
      message,
      "Run the installer again. If it is there, reload the REST door's schema: notify pgrst, 'reload schema';",
    )
  }
  if (isRefusal(code, message)) {
    return new SupaqueueError(
      'SQ422',
      message,
      hint || 'Nothing was changed. A trigger or rule of this project refuses it.',
    )
  }
  if (status === 401 || status === 403) {
    return refused(
      message,
      "Its key must be the project's secret key. If it is, a trigger of yours lacks what is named.",
    )
  }
  if (code === 'PGRST002') {
    return ill(message, UNREAD)
  }
  // Something of ours that is not there, by its name: an upgrade is just putting another in its place.
  const isReplaced = /^42/.test(code) && /supaqueue/.test(message)
  if (isReplaced || usuallyPasses(code)) return away(message)
  return new SupaqueueError(
    'SQ500',
    message,
    hint ||
      'Nothing was changed. Something of this project raises it, such as a trigger on a table of supaqueue: fix that.',
  )
}

/** Raised by somebody's own SQL to refuse something. Where PostgreSQL refuses, it says which permission or policy. */
export const isRefusal = (code: string, message: string): boolean =>
  /^(P0001|PT4\d\d)$/.test(code) || code === '42501' && !/permission|policy|^must /.test(message)

/** The database, or what leads to it, is not there for the moment. */
export const away = (message: string): SupaqueueError =>
  new SupaqueueError(
    'SQ503',
    `the database did not answer: ${message}`,
    'This usually passes: send the same request again.',
    { headers: { 'retry-after': '1' } },
  )

/** An installation that somebody has to fix: trying again does not help before. */
export const ill = (message: string, hint: string): SupaqueueError => new SupaqueueError('SQ503', message, hint)

export const noFunction = (message: string, hint: string): SupaqueueError =>
  ill(`the database has no such function: ${message}`, hint)

export const refused = (message: string, hint: string): SupaqueueError =>
  ill(`the database refused the function: ${message}`, hint)
