/**
 * Tests a function without a queue: hands it a job as the dispatcher would, and says what became of it.
 *
 * @module
 */
import { SupaqueueError } from './errors.ts'
import type { Outcome } from './decision.ts'
import { runtime } from './deps.ts'
export { type TestedJob, type TestedStep, type TestQueue, testQueue, type TestQueueOptions } from './test_queue.ts'

/** What the function hears of the job, beside its payload. */
export type Delivery = {
  /** Default 1. */
  job?: number
  /** Default 1, the first. */
  attempt?: number
  /** Default 3. */
  maxAttempts?: number
  /** Default `test`. */
  queue?: string
  /** What the slice before has handed on; undefined in a first call. */
  state?: unknown
  headers?: Record<string, string>
  /** What the call is signed with. Default: SUPAQUEUE_SECRET of the environment, which `handle` reads, too. */
  secret?: string
}

/** What became of the job. */
export type Delivered = {
  outcome: Outcome
  /** Of the answer. */
  status: number
  /** What the handler returned; of another outcome than `complete`, its details: `message`, `after`, `state` and the like. */
  result: unknown
}

/** Calls a function that `handle` made, or any that answers requests, with a job. */
export async function deliver(
  handler: (request: Request) => Response | Promise<Response>,
  payload: unknown,
  delivery: Delivery = {},
): Promise<Delivered> {
  const response = await handler(await callOf(payload, delivery))
  const text = await response.text()
  const word = response.headers.get('supaqueue-outcome') as Outcome | null
  return { outcome: word ?? (response.ok ? 'complete' : 'reject'), status: response.status, result: read(text) }
}

/** Calls a function with a batch of jobs, as of a queue whose batch_size is above 1. What became of each, in their order. */
export async function deliverBatch(
  handler: (request: Request) => Response | Promise<Response>,
  payloads: unknown[],
  delivery: Delivery = {},
): Promise<Delivered[]> {
  const response = await handler(await callOfBatch(payloads, delivery))
  const text = await response.text()
  const { status } = response
  const word = response.headers.get('supaqueue-outcome')
  if (word !== 'batch') {
    const outcome = (word ?? (response.ok ? 'complete' : 'reject')) as Outcome
    return payloads.map(() => ({ outcome, status, result: read(text) }))
  }
  return (read(text) as { id: string; outcome: Outcome; result?: unknown }[]).map(({ id: _, outcome, ...details }) => ({
    outcome,
    status,
    result: outcome === 'complete' ? details.result : details,
  }))
}

/** The request that the dispatcher would send for a batch. The jobs are counted from `job` on. */
export async function callOfBatch(payloads: unknown[], delivery: Delivery = {}): Promise<Request> {
  const { job: first = 1, attempt = 1, maxAttempts = 3, state, headers = {} } = delivery
  const queueId = '00000000-0000-4000-8000-000000000000'
  const call = '00000000-0000-4000-8000-00000000000b'
  const body = payloads.map((payload, i) => ({
    id: first + i,
    attempt,
    max_attempts: maxAttempts,
    current_job: `00000000-0000-4000-8000-${String(i + 1).padStart(12, '0')}`,
    idempotency_key: `${queueId}-${first + i}`,
    payload,
    ...(state !== undefined && { state }),
  }))
  const { job: _, state: __, ...rest } = delivery
  const single = await callOf(body, {
    ...rest,
    headers: { 'supaqueue-batch': call, 'supaqueue-batch-size': String(payloads.length), ...headers },
    id: `${queueId}-${call}`,
  })
  for (const name of ['job-id', 'attempt', 'current-job']) single.headers.delete(`supaqueue-${name}`)
  return single
}

/** The request that the dispatcher would send. */
export async function callOf(payload: unknown, delivery: Delivery & { id?: string } = {}): Promise<Request> {
  const { job = 1, attempt = 1, maxAttempts = 3, queue = 'test', state, headers = {} } = delivery
  const secret = delivery.secret ?? runtime.env('SUPAQUEUE_SECRET')
  if (!secret) {
    throw new SupaqueueError(
      'SQ500',
      'there is no secret to sign the call with',
      'In a test, set SUPAQUEUE_SECRET to any text of 16 letters or more; or give the option secret, here and to handle.',
    )
  }
  const continued = state !== undefined
  const body = JSON.stringify(continued ? { payload, state } : payload)
  const id = delivery.id ?? `00000000-0000-4000-8000-000000000000-${job}`
  const timestamp = String(Math.floor(runtime.now() / 1000))
  return new Request('http://localhost/', {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'idempotency-key': id,
      'supaqueue-job-id': String(job),
      'supaqueue-queue': encodeURIComponent(queue),
      'supaqueue-attempt': String(attempt),
      'supaqueue-max-attempts': String(maxAttempts),
      'supaqueue-current-job': '00000000-0000-4000-8000-000000000001',
      ...(continued && { 'supaqueue-slice': 'continued' }),
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${await sign(secret, `${id}.${timestamp}.${body}`)}`,
      ...headers,
    },
  })
}

async function sign(secret: string, text: string): Promise<string> {
  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign'])
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)))))
}

function read(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    return text
  }
}
