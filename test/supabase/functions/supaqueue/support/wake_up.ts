import { createHmac, randomUUID } from 'node:crypto'

export const secret = 'a secret that only the tests know'

/** The signature the database would make. */
export const sign = (timestamp: string, body: string, key = secret): string =>
  `v1=${createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')}`

/** A wake-up as the database posts it; `at` is in Unix seconds. */
export function makeWakeUp(
  {
    at = Date.now() / 1000,
    body = JSON.stringify({ queue: randomUUID() }),
    key = secret,
    headers = {},
    method = 'POST',
  }: {
    at?: number
    body?: string
    key?: string
    headers?: Record<string, string>
    method?: string
  } = {},
): Request {
  const timestamp = at.toFixed(6)
  return new Request('http://127.0.0.1/supaqueue', {
    method,
    headers: {
      'content-type': 'application/json',
      'supaqueue-timestamp': timestamp,
      'supaqueue-signature': sign(timestamp, body, key),
      ...headers,
    },
    ...(method === 'GET' ? {} : { body }),
  })
}
