import { z } from 'zod'
import { chunksOf } from '../call/body.ts'
import { Refusal } from './refusal.ts'

/** What a tick says: which queue to serve. Other fields are ignored, so that a newer database can say more. */
export type Tick = { queue: string }

const tick = z.object({ queue: z.guid() })

const MAX_BYTES = 4096

/** The raw bytes of a request's body. Refuses a body no tick could have, before it is in memory, and one that breaks off. */
export async function readBytes(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(MAX_BYTES)
  let length = 0
  try {
    for await (const chunk of chunksOf(request)) {
      if (length + chunk.length > MAX_BYTES) throw tooLong()
      bytes.set(chunk, length)
      length += chunk.length
    }
  } catch (reason) {
    // Whoever sent it has gone. Thrown on it would fill the log with strangers' accidents.
    throw reason instanceof Refusal ? reason : brokenOff()
  }
  return bytes.subarray(0, length)
}

const tooLong = () =>
  new Refusal(
    413,
    `a tick has at most ${MAX_BYTES} bytes`,
    'A tick names a queue, no more. Payloads go into supaqueue.job.',
  )

const brokenOff = () =>
  new Refusal(400, 'the tick broke off', 'Nothing is to be done: the database sends a new tick by itself.')

/** The tick in a body whose signature is known to be right. */
export function readTick(bytes: Uint8Array): Tick {
  const hint = 'The body of a tick is {"queue": "<id of the queue>"}.'
  const read = tick.safeParse(parseJson(bytes, hint))
  if (!read.success) throw new Refusal(422, 'the tick names no queue', hint)
  return read.data
}

function parseJson(bytes: Uint8Array, hint: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new Refusal(400, 'the tick is not JSON', hint)
  }
}
