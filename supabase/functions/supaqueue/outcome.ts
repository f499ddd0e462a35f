import type { Body } from './body.ts'
import { cleanJson, cleanText, depthOf } from './text.ts'
import type { Report } from './turn.ts'

/** What became of a call. */
export type Outcome = Omit<Report, 'token'>

/** An answer to a call, its body read. */
export type Answer = { status: number; headers: Headers; body: Body }

/** How much of a body is kept as the result of a success, in bytes. */
export const RESULT_BYTES = 65_536

// The longest wait the database accepts.
const MAX_WAIT_MS = 3_600_000

// How much of a body is kept as the error of a failure, in characters.
const ERROR_LENGTH = 500

// Postgres reads nested JSON by recursion and gives up somewhere in the thousands.
const MAX_DEPTH = 500

// Answers of the platform, given before the user's code ran, and how long to wait. The first two last until somebody
// deploys or mends something, so they are not asked every second.
const NEVER_RAN: [code: RegExp, retryAfterMs: number][] = [
  [/^UNAUTHORIZED/, 10_000],
  [/^NOT_FOUND/, 5000],
  [/^RATE_LIMIT_EXCEEDED$/, 1000],
  [/^BOOT_ERROR$/, 2000],
  [/^LOAD_FUNCTION_/, 2000],
]

// Answers of the platform that leave open whether, and how far, the user's code ran.
const MAY_HAVE_RUN = /^(WORKER_|EDGE_FUNCTION_ERROR$|INVALID_RESPONSE_STATUS_CODE$|IDLE_TIMEOUT$)/

/** The outcome of a call that was answered. `now` is in Unix milliseconds and serves to read Retry-After dates. */
export function outcomeOfAnswer({ status, headers, body }: Answer, now: number): Outcome {
  if (status >= 200 && status < 300) {
    return { outcome: 'success', status, result: resultOf(headers, body) }
  }

  const code = headers.get('sb-error-code') ?? ''
  const error = withDetail(`HTTP ${status}${code && ` ${code}`}`, body.text)
  const retryAfterMs = readRetryAfter(headers.get('retry-after'), now)

  const [, waitMs] = NEVER_RAN.find(([pattern]) => pattern.test(code)) ?? []
  if (waitMs !== undefined) {
    return { outcome: 'not_run', status, error, retry_after_ms: retryAfterMs ?? waitMs }
  }
  if (MAY_HAVE_RUN.test(code) || status === 504 || status === 546) {
    return { outcome: 'unknown', status, error }
  }
  if ((status === 429 || status === 503) && retryAfterMs !== undefined) {
    return { outcome: 'not_run', status, error, retry_after_ms: retryAfterMs }
  }
  return { outcome: 'failed', status, error }
}

/** The outcome of a call whose fetch, or whose reading of the body, threw. */
export function outcomeOfError(reason: unknown, timeoutMs: number): Outcome {
  if (isRateLimit(reason)) {
    return {
      outcome: 'not_run',
      error: withDetail('not called', reason.message),
      retry_after_ms: Math.min(Math.ceil(reason.retryAfterMs || 1000), MAX_WAIT_MS),
    }
  }
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return { outcome: 'unknown', error: `no answer within ${timeoutMs} ms` }
  }
  const causes = causesOf(reason)
  const error = withDetail('no answer', causes.at(-1)?.message ?? String(reason))
  return causes.some(isBeforeSending)
    ? { outcome: 'not_run', error, retry_after_ms: 1000 }
    : { outcome: 'unknown', error }
}

/** Whether the platform's budget of calls for this run is spent. By name: older runtimes do not have the class. */
export const isRateLimit = (
  reason: unknown,
): reason is Error & { retryAfterMs?: number | null } => reason instanceof Error && reason.name === 'RateLimitError'

/** JSON as JSON, anything else as a text. Objects and lists are JSON even when the function does not say so. */
function resultOf(headers: Headers, { text, truncated }: Body): Report['result'] {
  if (truncated) return { truncated: true, text: cleanText(text) }
  if (text === '') return null
  const saysJson = /^application\/(.+\+)?json\b/i.test(headers.get('content-type') ?? '')
  if ((saysJson || /^\s*[[{]/.test(text)) && depthOf(text) <= MAX_DEPTH) {
    try {
      return JSON.parse(cleanJson(text))
    } catch {
      // Not JSON after all: a text.
    }
  }
  return cleanText(text)
}

const withDetail = (head: string, detail: string): string => {
  const shown = cleanText(detail.slice(0, ERROR_LENGTH)).trim()
  return shown ? `${head}: ${shown}` : head
}

function readRetryAfter(text: string | null, now: number): number | undefined {
  if (text === null) return undefined
  const waitMs = /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(0, Math.ceil(waitMs)), MAX_WAIT_MS)
}

function causesOf(reason: unknown): Error[] {
  const causes: Error[] = []
  for (let error = reason; error instanceof Error && causes.length < 5; error = error.cause) causes.push(error)
  return causes
}

const NODE_BEFORE_SENDING = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
])

// Deno says where it failed; Node gives a code.
const isBeforeSending = (error: Error & { code?: unknown }): boolean =>
  /client error \(Connect\)/.test(error.message) ||
  NODE_BEFORE_SENDING.has(String(error.code))
