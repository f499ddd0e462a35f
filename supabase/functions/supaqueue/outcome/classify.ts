import type { Report } from '../turn/turn.ts'

// The table of all ways a call can go: in each list the first rule that fits. Explained in docs/reference/answers.md; a test has a row
// for every rule, here and against a real server.

type Classified = {
  name: string
  outcome: Report['outcome']
  /** How long to wait when the other side does not say, in milliseconds. */
  waitMs?: number
}

type Rule<Clue> = Classified & { fits: (clue: Clue) => boolean }

/** What tells the answers apart: status, the platform's `sb-error-code`, and Retry-After in milliseconds. */
export type Clues = { status: number; code: string; retryAfterMs: number | undefined }

const isBusy = (status: number): boolean => status === 429 || status === 503

const coded = (pattern: RegExp) => ({ code }: Clues): boolean => code !== '' && pattern.test(code)

// Of "nothing is deployed" and "the key is wrong" nobody expects that they pass within a second.
const ANSWERS: Rule<Clues>[] = [
  { name: 'success', outcome: 'success', fits: ({ status }) => status >= 200 && status < 300 },
  { name: 'key refused', outcome: 'deferred', waitMs: 10_000, fits: coded(/^UNAUTHORIZED/) },
  { name: 'not deployed', outcome: 'deferred', waitMs: 5000, fits: coded(/^NOT_FOUND/) },
  { name: 'platform busy', outcome: 'deferred', waitMs: 1000, fits: coded(/^RATE_LIMIT_EXCEEDED$/) },
  { name: 'not booted', outcome: 'deferred', waitMs: 2000, fits: coded(/^(BOOT_ERROR$|LOAD_FUNCTION_)/) },
  { name: 'worker ended', outcome: 'unknown', fits: coded(/^(WORKER_|EDGE_FUNCTION_ERROR$|INVALID_RESPONSE_)/) },
  {
    name: 'gateway timeout',
    outcome: 'unknown',
    fits: ({ status, code }) => status === 504 || code === 'IDLE_TIMEOUT',
  },
  { name: 'resources used up', outcome: 'unknown', fits: ({ status }) => status === 546 },
  { name: 'not now', outcome: 'deferred', fits: (clues) => isBusy(clues.status) && clues.retryAfterMs !== undefined },
  { name: 'failure', outcome: 'failed', fits: () => true },
]

// Deno says in its message where it failed; Node gives a code.
const UNRESOLVED = ['EAI_AGAIN', 'ENOTFOUND']
const UNREACHED = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']
const INSECURE = /certificate|received fatal alert|handshake|corrupt message|InvalidContentType|\b(SSL|TLS)\b/i

const caused = (codes: string[], message: RegExp) => (reason: unknown): boolean =>
  causesOf(reason).some((error) => codes.includes(String(Object(error).code)) || message.test(error.message))

// Only while the connection is made: what breaks off later may have been read.
const isInsecure = (reason: unknown): boolean =>
  causesOf(reason).some((error) =>
    /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/.test(String(Object(error).code)) ||
    /client error \(Connect\)/.test(error.message) && INSECURE.test(error.message)
  )

const ERRORS: Rule<unknown>[] = [
  { name: 'allowance spent', outcome: 'not_run', waitMs: 1000, fits: isRateLimit },
  { name: 'timeout', outcome: 'unknown', fits: (reason) => reason instanceof Error && reason.name === 'TimeoutError' },
  { name: 'no such host', outcome: 'deferred', waitMs: 1000, fits: caused(UNRESOLVED, /\bdns error\b/) },
  { name: 'no secure connection', outcome: 'deferred', waitMs: 1000, fits: isInsecure },
  { name: 'no connection', outcome: 'deferred', waitMs: 1000, fits: caused(UNREACHED, /client error \(Connect\)/) },
  { name: 'port not allowed', outcome: 'killed', fits: caused([], /^bad port$|Requests to port \d+ are blocked/) },
  { name: 'connection lost', outcome: 'unknown', fits: () => true },
]

/** The names of all rules. */
export const RULES: string[] = [...ANSWERS, ...ERRORS].map(({ name }) => name)

const first = <Clue>(rules: Rule<Clue>[], clue: Clue): Classified => rules.find(({ fits }) => fits(clue))!

/** The rule of an answer that says nothing by `supaqueue-outcome`. */
export const classifyAnswer = (clues: Clues): Classified => first(ANSWERS, clues)

/** The rule of a call whose fetch, or whose reading of the body, threw. */
export const classifyError = (reason: unknown): Classified => first(ERRORS, reason)

/** The rules by which a call did not get as far as its target. */
export const NOT_REACHED = new Set(['no such host', 'no secure connection', 'no connection'])

/** Whether the platform's allowance of calls is spent. By name: older runtimes do not have the class. */
export function isRateLimit(reason: unknown): reason is Error & { retryAfterMs?: number | null } {
  return reason instanceof Error && reason.name === 'RateLimitError'
}

/** An error, its cause, the cause of that, ...; the last one is nearest to what happened. */
export function causesOf(reason: unknown): Error[] {
  const causes: Error[] = []
  for (let error = reason; error instanceof Error && causes.length < 5; error = error.cause) causes.push(error)
  return causes
}
