import { readBody } from './body.ts'
import { jobHeaders, queueHeaders } from './headers.ts'
import { isRateLimit, type Outcome, outcomeOfAnswer, outcomeOfError, RESULT_BYTES } from './outcome.ts'
import type { Claim, QueueRow } from './turn.ts'

/** A call that ended. `chainSpent`: the platform allows this run no further calls for now. */
export type Called = { outcome: Outcome; chainSpent: boolean }

/** Calls the queue's function for one job. Never throws: a call that fails is an outcome to report, not an accident. */
export type Call = (claim: Claim) => Promise<Called>

/** Where calls go, with which key, and by what means. `now` is in Unix milliseconds. */
export type Outside = { functionsUrl: string; key: string; fetch: typeof fetch; now: () => number }

/** Prepares what all calls of a queue share, and returns the call. */
export const makeCaller = ({ functionsUrl, key, fetch, now }: Outside) => (queue: QueueRow): Call => {
  let shared: Record<string, string>
  try {
    shared = queueHeaders(queue, key)
  } catch (reason) {
    const outcome: Outcome = { outcome: 'failed', error: (reason as Error).message }
    return () => Promise.resolve({ outcome, chainSpent: false })
  }
  const url = `${functionsUrl}/${encodeURIComponent(queue.edge_function_name)}`

  return async (claim) => {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...shared, ...jobHeaders(queue, claim) },
        body: claim.job.payload,
        redirect: 'manual',
        // Covers the body too: an answer that never ends is no answer.
        signal: AbortSignal.timeout(queue.timeout_ms),
      })
      const { status, headers } = response
      const body = await readBody(response, RESULT_BYTES)
      return { outcome: outcomeOfAnswer({ status, headers, body }, now()), chainSpent: false }
    } catch (reason) {
      return { outcome: outcomeOfError(reason, queue.timeout_ms), chainSpent: isRateLimit(reason) }
    }
  }
}
