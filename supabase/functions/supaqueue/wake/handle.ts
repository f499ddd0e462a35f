import { statusOf, SupaqueueError } from '../../_shared/supaqueue/errors.ts'
import { claimOf } from '../signature/verify.ts'
import { readBytes, readWakeUp, type WakeUp } from './wake_up.ts'

export type Deps = {
  /** Throws a `SupaqueueError` unless the request is a wake-up of the database, fresh and new. */
  verify(request: Request, body: Uint8Array): Promise<void>
  /** Starts a run for the queue and returns its id. */
  start(wakeUp: WakeUp): string
}

/**
 * One wake-up: is it the database, what does it say, start a run, answer 202 at once.
 * `open` gives what that takes, or throws a `SupaqueueError` when the dispatcher is not set up.
 */
export const makeHandle = (open: () => Deps) => async (request: Request): Promise<Response> => {
  try {
    if (request.method !== 'POST') {
      throw new SupaqueueError(
        'SQ405',
        'a wake-up is a POST',
        'The database wakes the dispatcher by itself. There is nothing to see here.',
      )
    }
    const { verify, start } = open()
    claimOf(request)
    const body = await readBytes(request)
    await verify(request, body)
    const run = start(readWakeUp(body))
    return Response.json({ run }, { status: 202 })
  } catch (reason) {
    if (!(reason instanceof SupaqueueError)) throw reason
    return refuse(reason)
  }
}

/** A request that is not served: JSON `{ code, message, hint }`. */
function refuse(error: SupaqueueError): Response {
  const { code, message, hint } = error
  const headers = code === 'SQ405' ? { allow: 'POST' } : undefined
  return Response.json({ code, message, hint }, { status: statusOf(error), headers })
}
