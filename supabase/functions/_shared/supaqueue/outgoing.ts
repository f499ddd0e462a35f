import type { Json } from './database_types.ts'
import { SupaqueueError } from './errors.ts'
import type { Queue } from './queue.ts'
import { examine } from './schema.ts'

/**
 * The payload as it travels. Checked is what the function will see, after its way as JSON: a Date, say, arrives there as a
 * text. Bytes arrive as bytes. Throws `SQ422` when it does not fit; `place` is that among many.
 */
export async function payloadFor({ name, payload: schema }: Queue, payload: unknown, place?: number): Promise<Json> {
  const sent = sentAs(payload)
  const which = place === undefined ? 'payload' : `payload of jobs[${place}]`
  const fit = await examine(schema, payload instanceof Uint8Array ? payload : sent, which)
  if ('value' in fit) return sent
  throw new SupaqueueError(
    'SQ422',
    fit.reason,
    `Nothing was enqueued. The queue ${name} is defined with a schema, and its function would kill this job.`,
  )
}

/** A payload as it travels, whatever its queue. Throws `SQ422` when it cannot be JSON. */
export function sentAs(payload: unknown): Json {
  if (payload instanceof Uint8Array) return { $base64: base64(payload) }
  try {
    return JSON.parse(JSON.stringify(payload) ?? 'null')
  } catch (reason) {
    throw new SupaqueueError(
      'SQ422',
      `a payload cannot be JSON: ${(reason as Error).message}`,
      'Nothing was enqueued. Give plain objects, lists, texts and numbers.',
    )
  }
}

// One by one: as arguments of one call, a large file would be too many.
const base64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
