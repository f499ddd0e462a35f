import { Buffer } from 'node:buffer'
import { createSecretKey } from 'node:crypto'
import { once as asBlob } from '../../_shared/supaqueue/once.ts'
import { messageOfBatch } from '../batch/message.ts'
import { batchOf } from '../message/headers.ts'
import { readBody } from '../answer/body.ts'
import { isRateLimit } from '../outcome/classify.ts'
import { makeGuard, type Resolve } from '../target/guard.ts'
import { messageOf } from '../message/message.ts'
import type { Answer, Kind } from '../answer/answer.ts'
import { type BatchContext, outcomesOfAnswer, outcomesOfError } from '../batch/outcomes.ts'
import { outcomeOfAnswer, outcomeOfError } from '../outcome/outcome.ts'
import { expectOpened } from '../target/opened.ts'
import { makeRedact } from '../answer/redact.ts'
import { fetchThere } from '../target/redirect.ts'
import { wordOf } from '../answer/explicit_outcome.ts'
import { type Target, targetOfJob, targetOfQueue, withQuery } from '../target/target.ts'
import type { Claim, Outcome, QueueRow, Secrets } from '../turn/turn.ts'
import { NotCallable } from '../outcome/not_callable.ts'
import { type MakeHeaders, makeHeaders } from '../message/signed_headers.ts'

/**
 * A call that ended: what became of each of its jobs, in their order. `chainSpent`: the platform allows this run no
 * further calls for now.
 */
export type Called = { outcomes: Outcome[]; chainSpent: boolean }

/**
 * Calls the queue's target for one job, or for all jobs of one batch. Never throws: a call that fails is an outcome to
 * report, not an accident.
 */
export type Call = (...claims: [Claim, ...Claim[]]) => Promise<Called>

/** Where functions are, how the project is known to them, and by what means calls go. `now` is in Unix milliseconds. */
export type Deps = {
  functionsUrl: string
  /** The project's key. */
  key: string
  /** SUPAQUEUE_SECRET, and the previous one while the two are being exchanged. */
  secrets: string[]
  fetch: typeof fetch
  /** How a body goes that is to be sent once: default as a blob, which no `fetch` repeats. */
  once?: (body: string | Uint8Array<ArrayBuffer>) => BodyInit
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

// What an entry of a batch's answer has beside the result; and the most that is read of a whole answer.
const ENTRY_BYTES = 4096
const BATCH_BYTES = 8_388_608

/** Prepares what all calls of a queue share, and returns the call. `secrets` are those of Vault that the queue names. */
export function makeCaller(deps: Deps): (queue: QueueRow, secrets?: Secrets | null) => Call {
  const { functionsUrl, key, fetch, once = asBlob, now, allowPrivate } = deps
  const guard = makeGuard(deps)
  const project = { key, signingKeys: deps.secrets.map((secret) => createSecretKey(Buffer.from(secret))) }

  return (queue, given) => {
    const secrets = given ?? {}
    const redact = makeRedact([key, ...deps.secrets, ...Object.values(secrets)], queue.redact ?? [])
    // Made by the first call that needs them: what cannot be made is an outcome of that call.
    let usual: Target | undefined
    const headersBy: { [kind in Kind]?: MakeHeaders } = {}

    return async (...claims) => {
      const startedAt = now()
      const timeoutMs = timeoutOf(queue, claims)
      const context = (): BatchContext => ({
        now: now(),
        timeoutMs,
        redact,
        kind: queue.edge_function_name ? 'function' : 'url',
        heeds: queue.heeds,
        ids: claims.map(({ job }) => job.id),
        resultBytes: queue.result_max_bytes ?? RESULT_BYTES,
      })
      const timed = (outcome: Outcome): Outcome => ({ ...outcome, ms: Math.max(0, Math.round(now() - startedAt)) })
      const isBatch = batchOf(claims[0]) !== undefined
      try {
        const answer = await deliver(claims, startedAt, timeoutMs)
        const outcomes = isBatch ? outcomesOfAnswer(answer, context()) : [outcomeOfAnswer(answer, context())]
        return { outcomes: outcomes.map(timed), chainSpent: false }
      } catch (reason) {
        if (reason instanceof NotCallable) return { outcomes: claims.map(() => reason.outcome), chainSpent: false }
        const outcomes = isBatch ? outcomesOfError(reason, context()) : [outcomeOfError(reason, context())]
        return { outcomes: outcomes.map(timed), chainSpent: isRateLimit(reason) }
      }
    }

    async function deliver(claims: [Claim, ...Claim[]], at: number, timeoutMs: number): Promise<Answer> {
      // The jobs of a batch ask for the same target, method, headers and parameters.
      const [claim] = claims
      const { job } = claim
      const target = job.url ? targetOfJob(queue, job.url) : usual ??= targetOfQueue(queue, functionsUrl)
      const { kind } = target
      expectOpened(queue, claim)
      const headersOf = headersBy[kind] ??= makeHeaders({ queue, kind, secrets, project })
      const message = batchOf(claim) ? messageOfBatch(queue, claims) : messageOf(queue, claim)
      const { method, body } = message
      const headers = headersOf(claim, message, at, claims.length)
      // Covers the body too: an answer that never ends is no answer.
      const signal = AbortSignal.timeout(timeoutMs)
      if (kind === 'url' && !allowPrivate()) await guard(target.host, signal)

      const url = withQuery(target.url, message.parameters)
      const init = { method, headers, body: body === undefined ? undefined : once(body), signal }
      const { response, note } = await fetchThere(fetch, { url, init }, kind === 'url')
      const { status, statusText } = response
      return {
        status,
        statusText,
        headers: response.headers,
        body: await readBody(response, capOf(response, queue, batchOf(claim) ? claims.length : undefined)),
        note,
      }
    }
  }
}

/** How long a call may take: as long as the one of its jobs that may take longest. */
export const timeoutOf = (queue: QueueRow, claims: Claim[]): number =>
  Math.max(...claims.map(({ job }) => job.timeout_ms ?? queue.timeout_ms))

function capOf({ ok, headers }: Response, queue: QueueRow, batchSize?: number): number {
  const word = wordOf(headers)
  const ofResult = queue.result_max_bytes ?? RESULT_BYTES
  if (batchSize !== undefined && (ok || word !== undefined)) {
    return Math.min(BATCH_BYTES, DETAILS_BYTES + batchSize * (ofResult + ENTRY_BYTES))
  }
  if (word !== undefined && word !== 'complete') return DETAILS_BYTES
  return ok || word !== undefined ? ofResult : ERROR_BYTES
}
