import { chunksOf } from '../util/chunks.ts'
import { object, uuid } from '../util/shape.ts'
import { SupaqueueError } from '../../_shared/supaqueue/errors.ts'

/** What a wake-up says: which queue to serve. Other fields are ignored, so that a newer database can say more. */
export type WakeUp = { queue: string }

const isWakeUp = object({ queue: uuid })

const MAX_BYTES = 4096

// The database sends it in one piece. Whoever takes his time keeps an isolate busy.
const MAX_MS = 5000

/**
 * The raw bytes of a request's body. Refuses a body no wake-up could have, before it is in memory, one that breaks off, and
 * one that does not come to its end.
 */
export async function readBytes(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const body = chunksOf(request)
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, refuse) => timer = setTimeout(() => refuse(tooSlow()), MAX_MS))
  try {
    return await Promise.race([readAll(body), late])
  } catch (reason) {
    // Whoever sent it has gone. Thrown on it would fill the log with strangers' accidents.
    throw reason instanceof SupaqueueError ? reason : brokenOff()
  } finally {
    clearTimeout(timer)
  }
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(MAX_BYTES)
  let length = 0
  for await (const chunk of body) {
    if (length + chunk.length > MAX_BYTES) throw tooLong()
    bytes.set(chunk, length)
    length += chunk.length
  }
  return bytes.subarray(0, length)
}

const tooLong = () =>
  new SupaqueueError(
    'SQ413',
    `a wake-up has at most ${MAX_BYTES} bytes`,
    'A wake-up names a queue, no more. Payloads go into supaqueue.job.',
  )

const tooSlow = () =>
  new SupaqueueError(
    'SQ408',
    `the body of the wake-up did not come within ${MAX_MS / 1000} seconds`,
    'You need not do anything: the database sends a new one by itself.',
  )

const brokenOff = () =>
  new SupaqueueError(
    'SQ400',
    'the wake-up was cut off',
    'You need not do anything: the database sends a new one by itself.',
  )

/** The wake-up in a body whose signature is known to be right. */
export function readWakeUp(bytes: Uint8Array): WakeUp {
  const hint = 'The body of a wake-up is {"queue": "<id of the queue>"}.'
  const read = parseJson(bytes, hint)
  if (isWakeUp(read) !== undefined) throw new SupaqueueError('SQ422', 'the wake-up names no queue', hint)
  return { queue: (read as WakeUp).queue }
}

function parseJson(bytes: Uint8Array, hint: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new SupaqueueError('SQ400', 'the wake-up is not JSON', hint)
  }
}
