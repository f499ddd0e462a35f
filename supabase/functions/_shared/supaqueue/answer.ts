import type { SupaqueueError } from './errors.ts'
import { type Decision, decisions, type Outcome } from './decision.ts'

// The header decides. The statuses are for everybody else who looks, and for a dispatcher that does not know the header.
const STATUS: Record<Outcome, number> = {
  complete: 200,
  reschedule: 200,
  continue: 200,
  drop: 200,
  park: 200,
  later: 202,
  kill: 422,
  reject: 500,
}

/** The decision of a handler, as an answer to a call. */
export function answer(decision: Decision): Response {
  const { outcome, details } = decision
  try {
    // A handler may answer for itself. Then its own status and headers decide.
    if (details.result instanceof Response) return details.result
    const body = outcome === 'complete' ? details.result : details
    return Response.json(body, { status: STATUS[outcome], headers: { 'supaqueue-outcome': outcome } })
  } catch (reason) {
    // A cycle, or a bigint.
    return answer(decisions.reject(`what the handler gave back cannot be JSON: ${(reason as Error).message}`))
  }
}

/**
 * A call that was not let in, answered with code, message and hint. What is no fault of the job, as a function that is not
 * set up, is a 503: it asks to come back later, and uses no attempt.
 */
export function refuse({ code, message, hint }: SupaqueueError): Response {
  const status = { SQ401: 401, SQ413: 413 }[code] ?? 503
  const headers: Record<string, string> = status === 503 ? { 'retry-after': '60' } : {}
  return Response.json({ code, message, hint }, { status, headers })
}
