import { SupaqueueError } from '../../_shared/supaqueue/errors.ts'
import { ELSEWHERE, UNREAD, usuallyPasses } from '../../_shared/supaqueue/passing.ts'
import { readAnswer, readClock } from './read.ts'
import type { TurnAnswer, TurnRequest } from './turn.ts'

/**
 * One round trip to the database. Throws a `SupaqueueError` when it brought no usable answer; whether the database
 * carried it out is unknown then. Its `details.passing` says whether trying again helps before somebody has fixed the
 * installation.
 */
export type TakeTurn = (request: TurnRequest) => Promise<TurnAnswer>

/** A way to call `public.supaqueue_turn`, by which the answer comes as JSON. */
export type Ask = (request: TurnRequest | Record<never, never>) => Promise<unknown>

/** The database as a run sees it. */
export type Database = {
  takeTurn: TakeTurn
  /** The database's clock, Unix milliseconds. */
  clock(): Promise<number>
}

// Longer than the eight seconds that a statement is allowed: what did not answer by then is no longer running.
export const TURN_TIMEOUT_MS = 10_000

export const openDatabase = (ask: Ask): Database => ({
  takeTurn: async (request) => known(readAnswer(await ask(request))),
  clock: async () => known(readClock(await ask({}))).now_ms,
})

function known<Answer extends object>(read: Answer | string): Answer {
  if (typeof read === 'string') throw unknownForm('a turn', read)
  return read
}

/** An answer of another release, and what is wrong with it. */
export const unknownForm = (asked: string, wrong: string): SupaqueueError =>
  new SupaqueueError(
    'SQ422',
    `the database answered ${asked} in a form unknown here: ${wrong}`,
    'The database and who asked it are of different versions. Upgrade the older one: npx supaqueue upgrade does so with the database and the edge functions, npm install supaqueue@latest with a program.',
    { passing: false },
  )

/** A turn that failed, by what the database or somebody before it said. */
export function turnError({ code, message, hint }: { code?: string; message: string; hint?: string }): SupaqueueError {
  const what = code === 'PGRST002' ? UNREAD : usuallyPasses(code) ? 'This usually passes.' : ELSEWHERE
  return new SupaqueueError(
    code || 'SQ503',
    `the turn failed: ${message}`,
    hint || `The run tries again, and the leases keep its jobs. ${what}`,
    { passing: true },
  )
}

/** Whether an error says that the turn's own function is not there, rather than one that it calls. */
export const isNoFunction = (code: string | undefined, message: string): boolean =>
  code === 'PGRST202' || code === '42883' && /\b(supaqueue|direct)_turn\b/.test(message)

export const noFunction = (hint: string): SupaqueueError =>
  new SupaqueueError('SQ404', 'the database has no function public.supaqueue_turn', hint, { passing: false })

export const refused = (code: string, message: string, hint: string): SupaqueueError =>
  new SupaqueueError(code, `the database refused the dispatcher: ${message}`, hint, { passing: false })
