import { createSecretKey, type KeyObject } from 'node:crypto'
import { keyOf } from '../../_shared/supaqueue/signature.ts'
import {
  addBatchHeaders,
  addJobHeaders,
  batchKey,
  batchOf,
  headersOfJob,
  headersOfQueue,
  type Headings,
  idempotencyKey,
  secretNamed,
  sharedHeaders,
} from './headers.ts'
import type { Message } from './message.ts'
import { makeSign } from '../signature/sign.ts'
import type { Kind } from '../answer/answer.ts'
import type { Claim, QueueRow, Secrets } from '../turn/turn.ts'

/**
 * The headers of the call for a job, or for a batch of so many with this one first, signed. `at` is in Unix milliseconds.
 * Throws a `NotCallable`.
 */
export type MakeHeaders = (claim: Claim, message: Message, at: number, size?: number) => Headings

/** What is signed with in a project that has chosen no name for it. */
const WEBHOOK_SECRET = 'supaqueue_webhook_secret'

/**
 * Prepares what all calls of a queue to one kind of target share. `project` is what a function of the project knows:
 * the project's key, and the keys of SUPAQUEUE_SECRET. A URL sees neither. Throws a `NotCallable`.
 */
export function makeHeaders(
  { queue, kind, secrets, project }: {
    queue: QueueRow
    kind: Kind
    secrets: Secrets
    project: { key: string; signingKeys: KeyObject[] }
  },
): MakeHeaders {
  const own = headersOfQueue(queue, secrets)
  const ours = sharedHeaders(queue, kind, project.key)
  const both = { ...own, ...ours }
  const sign = makeSign(kind === 'function' ? project.signingKeys : webhookKeys(queue, secrets))

  return (claim, message, at, size = 1) => {
    const headers = claim.job.headers ? { ...own, ...headersOfJob(claim.job.headers), ...ours } : { ...both }
    const batch = batchOf(claim)
    if (batch) addBatchHeaders(headers, batch, size)
    else addJobHeaders(headers, claim, message)
    // A function is always told what it gets. Of a URL, and of bytes, the user may know better.
    const mayChoose = kind === 'url' || message.type === 'application/octet-stream'
    if (message.type && !(mayChoose && headers['content-type'])) headers['content-type'] = message.type
    const id = batch ? batchKey(queue, claim) : idempotencyKey(queue, claim)
    headers['idempotency-key'] = id
    return Object.assign(headers, sign({ id, at, body: message.body ?? '' }))
  }
}

/** Every secret that is there signs; one of them has to be. A queue that names none does not sign. */
function webhookKeys(queue: QueueRow, secrets: Secrets): KeyObject[] {
  const names = queue.signing_secrets ?? [WEBHOOK_SECRET]
  const there = names.filter((name) => secrets[name])
  return (there.length > 0 ? there : names.slice(0, 1)).map((name) =>
    createSecretKey(keyOf(secretNamed(name, secrets)))
  )
}
