import { createHmac } from 'node:crypto'

export const secret = 'a secret of this test, long enough'

type Parts = {
  payload?: unknown
  /** The raw body, in place of the payload. */
  body?: string | Uint8Array
  method?: string
  query?: string
  headers?: Record<string, string>
  secrets?: (string | Buffer)[]
  /** Unix seconds. */
  at?: number
}

/** The headers of Standard Webhooks, made as the standard says and not by the code under test. */
export function signature(
  body: string | Uint8Array,
  secrets: (string | Buffer)[] = [secret],
  at = Date.now() / 1000,
  id = '11111111-1111-4111-8111-111111111111-42',
) {
  const timestamp = String(Math.floor(at))
  const sign = (key: string | Buffer) =>
    createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((key) => `v1,${sign(key)}`).join(' '),
  }
}

export const token = '22222222-2222-4222-8222-222222222222'

/** What the dispatcher sends for a job, as a URL and the rest of a fetch. */
export function makeCall(
  { payload = {}, method = 'POST', query = '', headers = {}, secrets, at, ...rest }: Parts = {},
) {
  const hasBody = method !== 'GET' && method !== 'DELETE'
  const body = hasBody ? rest.body ?? JSON.stringify(payload) : ''
  return {
    query,
    init: {
      method,
      headers: {
        'content-type': 'application/json',
        'supaqueue-job-id': '42',
        'supaqueue-queue': 'mail',
        'supaqueue-attempt': '2',
        'supaqueue-max-attempts': '3',
        'idempotency-key': '11111111-1111-4111-8111-111111111111-42',
        'supaqueue-current-job': token,
        ...signature(body, secrets, at),
        ...headers,
      },
      ...(hasBody && { body: typeof body === 'string' ? body : Buffer.from(body) }),
    },
  }
}

export function makeRequest(parts?: Parts): Request {
  const { query, init } = makeCall(parts)
  return new Request(`http://localhost/the-function${query}`, init)
}

/** The body and headers of a call that goes on where a slice stopped. */
export const continued = (payload: unknown, state: unknown) => ({
  payload: { payload, state },
  headers: { 'supaqueue-slice': 'continued' },
})
