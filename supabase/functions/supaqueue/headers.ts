import { isJwt } from './key.ts'
import type { Claim, QueueRow } from './turn.ts'

// Of the connection, not of the call; or of a chain of calls that the job is not part of.
const NOT_FORWARDED = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'traceparent',
  'tracestate',
  'transfer-encoding',
  'upgrade',
])

/**
 * The headers that all calls of a queue share: the queue's own, then ours, which win.
 * Throws when the queue has a header that HTTP does not allow.
 */
export function queueHeaders(queue: QueueRow, key: string): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(queue.default_headers)) {
    const lower = name.toLowerCase()
    if (NOT_FORWARDED.has(lower) || value === null) continue
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    assertHeader(lower, text)
    headers[lower] = text
  }
  headers['content-type'] = 'application/json'
  headers['apikey'] = key
  if (isJwt(key)) headers['authorization'] = `Bearer ${key}`
  headers['supaqueue-queue'] = toAscii(queue.name)
  if (queue.max_attempts) headers['supaqueue-max-attempts'] = String(queue.max_attempts)
  return headers
}

/** The headers of one call: which job, which attempt, and a key that stays the same over all attempts of the job. */
export function jobHeaders(queue: QueueRow, { job }: Claim): Record<string, string> {
  return {
    'supaqueue-job-id': String(job.id),
    'supaqueue-attempt': String(job.attempts),
    'idempotency-key': `${queue.id}-${job.id}`,
  }
}

// decodeURIComponent gives the name back in either case, hence the percent sign is not plain.
const toAscii = (name: string): string => /^[ -$&-~]*$/.test(name) ? name : encodeURIComponent(name)

function assertHeader(name: string, value: string): void {
  try {
    new Headers([[name, value]])
  } catch {
    throw new Error(
      `SQ422: the default header ${JSON.stringify(name)} of the queue is not a valid HTTP header. ` +
        'Mend it: update supaqueue.queue set default_headers = ...',
    )
  }
}
