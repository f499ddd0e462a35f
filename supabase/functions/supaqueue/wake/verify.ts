import type { Skew } from './clock.ts'
import { Refusal } from './refusal.ts'
import { makeSeen } from './seen.ts'
import { isSigned } from './signature.ts'

/** Checks that a tick comes from the database, now, and for the first time. Throws a `Refusal` when not. */
export type Verify = (request: Request, body: Uint8Array, secrets: string[]) => Promise<void>

const MAX_AGE_MS = 300_000

/** `now` is in Unix milliseconds; `skew` is asked only when a rightly signed tick looks too old or too new. */
export function makeVerify({ now, skew }: { now: () => number; skew: Skew }): Verify {
  // A tick may be MAX_AGE_MS early and is good until it is MAX_AGE_MS old.
  const isNew = makeSeen(2 * MAX_AGE_MS, now)

  return async (request, body, secrets) => {
    const timestamp = request.headers.get('supaqueue-timestamp') ?? ''
    const signatures = request.headers.get('supaqueue-signature') ?? ''
    if (!/^\d{1,12}(\.\d{1,9})?$/.test(timestamp) || signatures === '') {
      throw new Refusal(
        401,
        'the tick is not signed',
        'Only the database wakes the dispatcher. To start what is due by hand: select supaqueue.process_jobs();',
      )
    }
    if (!await isSigned({ signatures, timestamp, body }, secrets)) {
      throw new Refusal(
        401,
        'the signature of the tick is wrong',
        'SUPAQUEUE_SECRET of the edge functions and supaqueue_secret in Vault must be the same. Run the installer again.',
      )
    }

    const sentAt = Number(timestamp) * 1000
    if (isOff(sentAt, now()) && isOff(sentAt, now() + await askSkew())) {
      throw new Refusal(
        403,
        `the tick is more than ${MAX_AGE_MS / 1000} seconds old, or from the future`,
        'Nothing is lost: the database sends a new tick by itself. Do not send old ones again.',
      )
    }

    // By what was signed, not by the signature: the same tick can carry its signatures in another order.
    if (!isNew(`${timestamp}.${new TextDecoder().decode(body)}`)) {
      throw new Refusal(409, 'the tick was received before', 'Nothing is to be done: the first one was answered.')
    }
  }

  async function askSkew(): Promise<number> {
    try {
      return await skew()
    } catch {
      throw new Refusal(
        503,
        'the age of the tick cannot be judged: the clocks differ, and the database does not answer',
        'Is the project running? The database sends a new tick by itself.',
      )
    }
  }
}

const isOff = (sentAt: number, now: number): boolean => Math.abs(now - sentAt) > MAX_AGE_MS
