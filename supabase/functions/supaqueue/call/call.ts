import { Buffer } from 'node:buffer'
import { createSecretKey } from 'node:crypto'
import { readBody } from './body.ts'
import { isRateLimit } from '../outcome/classify.ts'
import { makeGuard, type Resolve } from './guard.ts'
import { messageOf } from './message.ts'
import type { Answer, Kind, Outcome } from '../outcome/answer.ts'
import { outcomeOfAnswer, outcomeOfError } from '../outcome/outcome.ts'
import { expectOpened } from './opened.ts'
import { makeRedact } from '../outcome/redact.ts'
import { fetchThere } from './redirect.ts'
import { wordOf } from '../outcome/explicit_outcome.ts'
import { type Target, targetOfJob, targetOfQueue, withQuery } from './target.ts'
import type { Claim, QueueRow, Secrets } from '../turn/turn.ts'
import { NotCallable } from './not_callable.ts'
import { type MakeHeaders, makeHeaders } from './signed_headers.ts'

/** A call that ended. `chainSpent`: the platform allows this run no further calls for now. */
export type Called = { outcome: Outcome; chainSpent: boolean }

/** Calls the queue's target for one job. Never throws: a call that fails is an outcome to report, not an accident. */
export type Call = (claim: Claim) => Promise<Called>

/** Where functions are, how the project is known to them, and by what means calls go. `now` is in Unix milliseconds. */
export type Deps = {
  functionsUrl: string
  /** The project's key. */
  key: string
  /** SUPAQUEUE_SECRET, and the previous one while the two are being exchanged. */
  secrets: string[]
  fetch: typeof fetch
  now: () => number
  resolve: Resolve
  /** Whether URL targets may lie in a network of our own. */
  allowPrivate: () => boolean
}

// How much of a body is read into memory, in bytes: of a result unless the queue says otherwise, of an error, and of
// what a function says by `supaqueue-outcome`.
const RESULT_BYTES = 65_536
const ERROR_BYTES = 16_384
const DETAILS_BYTES = 262_144

/** Prepares what all calls of a queue share, and returns the call. `secrets` are those of Vault that the queue names. */
export function makeCaller(deps: Deps): (queue: QueueRow, secrets?: Secrets | null) => Call {
  const { functionsUrl, key, fetch, now, allowPrivate } = deps
  const guard = makeGuard(deps)
  const project = { key, signingKeys: deps.secrets.map((secret) => createSecretKey(Buffer.from(secret))) }

  return (queue, given) => {
    const secrets = given ?? {}
    const redact = makeRedact([key, ...deps.secrets, ...Object.values(secrets)], queue.redact ?? [])
    // Made by the first call that needs them: what cannot be made is an outcome of that call.
    let usual: Target | undefined
    const headersBy: { [kind in Kind]?: MakeHeaders } = {}

    return async (claim) => {
      const startedAt = now()
      const timeoutMs = claim.job.timeout_ms ?? queue.timeout_ms
      const kind: Kind = queue.edge_function_name ? 'function' : 'url'
      const context = () => ({ now: now(), timeoutMs, redact, kind, heeds: queue.heeds })
      const ms = () => Math.max(0, Math.round(now() - startedAt))
      try {
        const outcome = outcomeOfAnswer(await deliver(claim, startedAt, timeoutMs), context())
        return { outcome: { ...outcome, ms: ms() }, chainSpent: false }
      } catch (reason) {
        if (reason instanceof NotCallable) return { outcome: reason.outcome, chainSpent: false }
        return { outcome: { ...outcomeOfError(reason, context()), ms: ms() }, chainSpent: isRateLimit(reason) }
      }
    }

    async function deliver(claim: Claim, at: number, timeoutMs: number): Promise<Answer> {
      const { job } = claim
      const target = job.url ? targetOfJob(queue, job.url) : usual ??= targetOfQueue(queue, functionsUrl)
      const { kind } = target
      expectOpened(queue, claim)
      const headersOf = headersBy[kind] ??= makeHeaders({ queue, kind, secrets, project })
      const message = messageOf(queue, claim)
      const { method, body } = message
      const headers = headersOf(claim, message, at)
      // Covers the body too: an answer that never ends is no answer.
      const signal = AbortSignal.timeout(timeoutMs)
      if (kind === 'url' && !allowPrivate()) await guard(target.host, signal)

      const url = withQuery(target.url, message.parameters)
      const init = { method, headers, body, signal }
      const { response, note } = await fetchThere(fetch, { url, init }, kind === 'url')
      const { status, statusText } = response
      return {
        status,
        statusText,
        headers: response.headers,
        body: await readBody(response, capOf(response, queue)),
        note,
      }
    }
  }
}

function capOf({ ok, headers }: Response, queue: QueueRow): number {
  const word = wordOf(headers)
  if (word !== undefined && word !== 'complete') return DETAILS_BYTES
  return ok || word !== undefined ? queue.result_max_bytes ?? RESULT_BYTES : ERROR_BYTES
}
