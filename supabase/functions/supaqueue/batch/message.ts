import type { Claim, QueueRow } from '../turn/turn.ts'
import { idempotencyKey } from '../message/headers.ts'
import { type Message, parametersOf, WITH_BODY } from '../message/message.ts'
import { notCallable } from '../outcome/not_callable.ts'

/**
 * What the call for a batch says: a list of its jobs, each with its payload as Postgres keeps it. Throws a `NotCallable`
 * when a list cannot be put that way.
 */
export function messageOfBatch(queue: QueueRow, claims: Claim[]): Message {
  const { method: own, query } = claims[0]!.job
  const method = (own ?? queue.method ?? 'POST').toUpperCase()
  if (!WITH_BODY.has(method)) {
    throw notCallable(`${method} has no body, and a batch is a list in the body`, 'Use POST, PUT or PATCH')
  }
  return {
    method,
    parameters: parametersOf(Object.entries(query ?? {})),
    body: `[${claims.map((claim) => entryOf(queue, claim)).join(',')}]`,
    type: 'application/json',
  }
}

/** One job of the list. Payload and state are written as they came, so that no number loses digits. */
function entryOf(queue: QueueRow, claim: Claim): string {
  const { id, attempts, max_attempts, version, payload, state } = claim.job
  const about = JSON.stringify({
    id,
    attempt: attempts,
    max_attempts: max_attempts ?? queue.max_attempts ?? undefined,
    current_job: claim.current_job.id,
    idempotency_key: idempotencyKey(queue, claim),
    version: version ?? undefined,
  })
  const handedOn = state === undefined || state === null ? '' : `,"state":${state}`
  return `${about.slice(0, -1)},"payload":${payload}${handedOn}}`
}
