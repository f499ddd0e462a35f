import { createHmac, type KeyObject } from 'node:crypto'

/** The headers that say who sent a call, when, and what. `at` is in Unix milliseconds. */
export type Sign = (message: { id: string; at: number; body: string | Uint8Array }) => Record<string, string>

/**
 * Signs as Standard Webhooks prescribes, once with each key, so that a receiver who knows one of them is content.
 * A signature of a call is never good for a wake-up: what a wake-up signs begins with a number, this with a job's key.
 * Without keys a call has an id and a time, and no signature.
 */
export const makeSign = (keys: KeyObject[]): Sign => ({ id, at, body }) => {
  const timestamp = String(Math.floor(at / 1000))
  const head = `${id}.${timestamp}.`
  const headers: Record<string, string> = { 'webhook-id': id, 'webhook-timestamp': timestamp }
  const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(head).update(body).digest('base64')}`)
  if (signatures.length > 0) headers['webhook-signature'] = signatures.join(' ')
  return headers
}
