import type { Answer, Kind } from '../answer/answer.ts'
import type { Outcome } from '../turn/turn.ts'
import { causesOf, classifyAnswer, classifyError, isRateLimit, NOT_REACHED } from './classify.ts'
import { headOf } from '../answer/head.ts'
import type { Redact } from '../answer/redact.ts'
import { resultOf } from '../answer/result.ts'
import { MAX_WAIT_MS, readRetryAfter } from '../answer/retry_after.ts'
import { explicitOutcome, wordOf } from '../answer/explicit_outcome.ts'
import { cleanText } from '../../_shared/supaqueue/clean.ts'

/** What is needed to classify a call: the time (Unix milliseconds), its timeout, what may not be stored, what was called. */
export type Context = {
  now: number
  timeoutMs: number
  redact: Redact
  kind: Kind
  /** What the queue heeds of what an answer says; without it the usual of its kind. */
  heeds?: string[] | null
}

// How much of a body is kept as the error of a failure, in characters.
const ERROR_LENGTH = 500

// These leave an entry in the history that a person will look at.
export const WITH_HEAD = new Set<Outcome['outcome']>(['failed', 'unknown', 'deferred', 'killed'])

/** The outcome of a call that was answered. */
export function outcomeOfAnswer(answer: Answer, context: Context): Outcome {
  const { status, headers } = answer
  const region = headers.get('x-sb-edge-region')
  const word = wordOf(headers)
  const found = word === undefined ? outcomeByStatus(answer, context) : explicitOutcome(word, answer, context)

  const outcome: Outcome = { ...found, status }
  if (found.outcome === 'success') outcome.result = resultOf(headers, answer.body, context.redact)
  if (word !== undefined && found.error) outcome.error = shorten(context.redact.values(found.error))
  // Only the platform knows where it was; anybody else could write anything.
  if (region !== null && context.kind === 'function') outcome.region = region.slice(0, 50)
  if (WITH_HEAD.has(found.outcome)) outcome.head = headOf(answer, context.redact)
  return outcome
}

function outcomeByStatus({ status, headers, body, note }: Answer, { now, redact }: Context): Outcome {
  const code = headers.get('sb-error-code') ?? ''
  const retryAfterMs = readRetryAfter(headers.get('retry-after'), now)
  const { outcome, waitMs } = classifyAnswer({ status, code, retryAfterMs })
  if (outcome === 'success') return { outcome }

  const found: Outcome = { outcome }
  found.error = withDetail(`HTTP ${status}${code && ` ${code}`}`, note ?? redact.body(body.text, body.truncated))
  if (outcome === 'deferred') found.retry_after_ms = retryAfterMs ?? waitMs
  return found
}

/** The outcome of a call whose fetch, or whose reading of the body, threw. */
export function outcomeOfError(reason: unknown, { timeoutMs, redact, kind }: Context): Outcome {
  const { name, outcome, waitMs } = classifyError(reason)
  if (name === 'timeout') return { outcome, error: `no answer within ${timeoutMs} ms` }

  const why = redact.values(causesOf(reason).at(-1)?.message ?? String(reason))
  // Of somebody else's address nobody knows whether it will ever be there: its jobs have so many attempts. A function
  // of the project that cannot be reached is a project that is being fixed.
  if (kind === 'url' && NOT_REACHED.has(name)) {
    return { outcome: 'failed', reached: false, error: withDetail('no answer', why) }
  }
  const found: Outcome = { outcome, error: withDetail(outcome === 'not_run' ? 'not called' : 'no answer', why) }
  const asked = isRateLimit(reason) ? reason.retryAfterMs : undefined
  if (waitMs !== undefined) found.retry_after_ms = Math.min(Math.ceil(asked || waitMs), MAX_WAIT_MS)
  return found
}

/** A text as an error may have it. */
export const shorten = (text: string): string => cleanText(text.slice(0, ERROR_LENGTH)).trim()

const withDetail = (head: string, detail: string): string => {
  const shown = shorten(detail)
  return shown ? `${head}: ${shown}` : head
}
