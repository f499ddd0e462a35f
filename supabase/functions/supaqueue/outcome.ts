import type { Body } from './body.ts'
import { caseOfAnswer, caseOfTrouble, causesOf, isRateLimit } from './cases.ts'
import { headOf } from './head.ts'
import type { Redact } from './redact.ts'
import { resultOf } from './result.ts'
import { MAX_WAIT_MS, readRetryAfter } from './retry_after.ts'
import { outcomeSaid, wordOf } from './said.ts'
import { cleanText } from './text.ts'
import type { Report } from './turn.ts'

/** What became of a call. */
export type Outcome = Omit<Report, 'token'>

/** An answer to a call, its body read. `note`: why a redirect was not followed. */
export type Answer = {
  status: number
  statusText: string
  headers: Headers
  body: Body
  note?: string
}

/** What is needed to judge a call: the time (Unix milliseconds), its timeout, and what may not be stored. */
export type Judging = { now: number; timeoutMs: number; redact: Redact }

// How much of a body is kept as the error of a failure, in characters.
const ERROR_LENGTH = 500

// These leave an entry in the history that a person will look at.
const WITH_HEAD = new Set<Outcome['outcome']>(['failed', 'unknown', 'deferred', 'killed'])

/** The outcome of a call that was answered. */
export function outcomeOfAnswer(answer: Answer, judging: Judging): Outcome {
  const { status, headers } = answer
  const region = headers.get('x-sb-edge-region')
  const word = wordOf(headers)
  const found = word === undefined ? outcomeByStatus(answer, judging) : outcomeSaid(word, answer, judging)

  const outcome: Outcome = { ...found, status }
  if (found.outcome === 'success') outcome.result = resultOf(headers, answer.body, judging.redact)
  if (word !== undefined && found.error) outcome.error = shorten(judging.redact.values(found.error))
  if (region !== null) outcome.region = region.slice(0, 50)
  if (WITH_HEAD.has(found.outcome)) outcome.head = headOf(answer, judging.redact)
  return outcome
}

function outcomeByStatus({ status, headers, body, note }: Answer, { now, redact }: Judging): Outcome {
  const code = headers.get('sb-error-code') ?? ''
  const retryAfterMs = readRetryAfter(headers.get('retry-after'), now)
  const { outcome, waitMs } = caseOfAnswer({ status, code, retryAfterMs })
  if (outcome === 'success') return { outcome }

  const found: Outcome = { outcome }
  found.error = withDetail(`HTTP ${status}${code && ` ${code}`}`, note ?? redact.body(body.text, body.truncated))
  if (outcome === 'deferred') found.retry_after_ms = retryAfterMs ?? waitMs
  return found
}

/** The outcome of a call whose fetch, or whose reading of the body, threw. */
export function outcomeOfError(reason: unknown, { timeoutMs, redact }: Judging): Outcome {
  const { name, outcome, waitMs } = caseOfTrouble(reason)
  if (name === 'timeout') return { outcome, error: `no answer within ${timeoutMs} ms` }

  const why = redact.values(causesOf(reason).at(-1)?.message ?? String(reason))
  const found: Outcome = { outcome, error: withDetail(outcome === 'not_run' ? 'not called' : 'no answer', why) }
  const said = isRateLimit(reason) ? reason.retryAfterMs : undefined
  if (waitMs !== undefined) found.retry_after_ms = Math.min(Math.ceil(said || waitMs), MAX_WAIT_MS)
  return found
}

const shorten = (text: string): string => cleanText(text.slice(0, ERROR_LENGTH)).trim()

const withDetail = (head: string, detail: string): string => {
  const shown = shorten(detail)
  return shown ? `${head}: ${shown}` : head
}
