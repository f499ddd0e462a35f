import { isJwt } from '../../_shared/supaqueue/key.ts'
import { isContinued, type Message } from './message.ts'
import type { Kind } from '../answer/answer.ts'
import type { Claim, QueueRow, Secrets } from '../turn/turn.ts'
import { notCallable, notYet } from '../outcome/not_callable.ts'

/** Headers by their names in lower case. */
export type Headings = Record<string, string>

// Of the connection, not of the call; of a chain of calls that the job is not part of; or words that only we say.
const NOT_FORWARDED =
  /^(connection|content-length|expect|host|keep-alive|proxy-.*|te|trailer|traceparent|tracestate|transfer-encoding|upgrade|supaqueue-.*|webhook-(id|timestamp|signature))$/

const VAULT = 'vault:'

// Somebody has to put the secret there. Nobody does that within a second.
const NO_SECRET_RETRY_MS = 60_000

/** The queue's own headers, `vault:<name>` resolved. Throws a `NotCallable` when they cannot be sent. */
export const headersOfQueue = (queue: QueueRow, secrets: Secrets): Headings =>
  readHeaders(
    queue.default_headers,
    (value) => value.startsWith(VAULT) ? secretNamed(value.slice(VAULT.length), secrets) : value,
    { whose: 'default header', fix: 'update supaqueue.queue set default_headers = ...' },
  )

/** The job's own headers. A `vault:<name>` in them is a text: whoever may enqueue may not read Vault. */
export const headersOfJob = (headers: Record<string, unknown>): Headings =>
  readHeaders(headers, (value) => value, { whose: "job's header", fix: 'update supaqueue.job set headers = ...' })

/** A secret that a queue names. Throws a `NotCallable` when Vault does not have it. */
export function secretNamed(name: string, secrets: Secrets): string {
  const secret = Object.hasOwn(secrets, name) ? secrets[name] : undefined
  if (!secret) throw notYet(`Vault has no secret named ${name}`, NO_SECRET_RETRY_MS)
  return secret
}

/** Our headers that all calls of a queue share. Only a function of the project is shown the project's key. */
export function sharedHeaders(queue: QueueRow, kind: Kind, key: string): Headings {
  const headers: Headings = { 'supaqueue-queue': toAscii(queue.name) }
  if (queue.max_attempts) headers['supaqueue-max-attempts'] = String(queue.max_attempts)
  if (kind === 'function') {
    headers['apikey'] = key
    if (isJwt(key)) headers['authorization'] = `Bearer ${key}`
  }
  return headers
}

/** Adds our headers of one call: which job and attempt, by what token it may be reported, and what the body is. */
export function addJobHeaders(headers: Headings, { job, current_job }: Claim, message: Message): void {
  for (const [key, value] of Object.entries(job.origin ?? {})) {
    if (typeof value === 'string' && /^[a-z][a-z-]*$/.test(key)) headers[`supaqueue-${key}`] = toAscii(value)
  }
  headers['supaqueue-job-id'] = String(job.id)
  headers['supaqueue-attempt'] = String(job.attempts)
  if (job.max_attempts) headers['supaqueue-max-attempts'] = String(job.max_attempts)
  headers['supaqueue-current-job'] = current_job.id
  if (job.version !== undefined && job.version !== null) headers['supaqueue-version'] = String(job.version)
  if (isContinued(job)) headers['supaqueue-slice'] = 'continued'
  if (message.stateHeader !== undefined) headers['supaqueue-state'] = message.stateHeader
}

/** Adds our headers of a call that brings several jobs: the rest is in its list. */
export function addBatchHeaders(headers: Headings, call: string, size: number): void {
  headers['supaqueue-batch'] = call
  headers['supaqueue-batch-size'] = String(size)
}

/** The call that brings a job together with others; undefined for a call of its own. */
export const batchOf = ({ current_job }: Claim): string | undefined => current_job.call ?? undefined

/** The same for every attempt of a job. */
export const idempotencyKey = (queue: QueueRow, { job }: Claim): string => `${queue.id}-${job.id}`

/** The same for every job of a call, and for no other call: a batch that is tried again is another one. */
export const batchKey = (queue: QueueRow, claim: Claim): string => `${queue.id}-${batchOf(claim)}`

// decodeURIComponent gives the name back in either case, hence the percent sign is not plain.
const toAscii = (name: string): string => /^[ -$&-~]*$/.test(name) ? name : encodeURIComponent(name)

function readHeaders(
  given: Record<string, unknown>,
  read: (value: string) => string,
  { whose, fix }: { whose: string; fix: string },
): Headings {
  const headers: Headings = {}
  for (const [name, value] of Object.entries(given)) {
    const lower = name.toLowerCase()
    if (value === null || NOT_FORWARDED.test(lower)) continue
    const text = typeof value === 'string' ? read(value) : JSON.stringify(value)
    if (!isHeader(lower, text)) {
      throw notCallable(`the ${whose} ${JSON.stringify(name)} is not a valid HTTP header`, `Fix it: ${fix}`)
    }
    headers[lower] = text
  }
  return headers
}

function isHeader(name: string, value: string): boolean {
  try {
    return new Headers([[name, value]]).has(name)
  } catch {
    return false
  }
}
