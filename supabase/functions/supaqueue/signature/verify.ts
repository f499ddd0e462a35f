import type { Skew } from './clock.ts'
import { SupaqueueError } from '../../_shared/supaqueue/errors.ts'
import { isSigned, signaturesOfWakeUp } from '../../_shared/supaqueue/signature.ts'
import { makeSeen } from './seen.ts'

/** Checks that a wake-up comes from the database, now, and for the first time. Throws a `SupaqueueError` when not. */
export type Verify = (request: Request, body: Uint8Array, secrets: string[]) => Promise<void>

const MAX_AGE_MS = 300_000

const encoder = new TextEncoder()

/** `now` is in Unix milliseconds; `skew` is asked only when a rightly signed wake-up looks too old or too new. */
export function makeVerify({ now, skew }: { now: () => number; skew: Skew }): Verify {
  // A wake-up may be MAX_AGE_MS early and is good until it is MAX_AGE_MS old.
  const isNew = makeSeen(2 * MAX_AGE_MS, now)

  return async (request, body, secrets) => {
    const { timestamp, header } = claimOf(request)
    const signed = { head: `${timestamp}.`, body, signatures: signaturesOfWakeUp(header) }
    if (!await isSigned(signed, secrets.map((secret) => encoder.encode(secret)))) {
      throw new SupaqueueError(
        'SQ401',
        'the signature of the wake-up is wrong',
        'SUPAQUEUE_SECRET of the edge functions and supaqueue_secret in Vault must be the same. Run the installer again.',
      )
    }

    const sentAt = Number(timestamp) * 1000
    if (isOff(sentAt, now()) && isOff(sentAt, now() + await askSkew())) {
      throw new SupaqueueError(
        'SQ403',
        `the wake-up is more than ${MAX_AGE_MS / 1000} seconds old, or from the future`,
        'Nothing is lost: the database sends a new one by itself. Do not send old ones again.',
      )
    }

    // By what was signed, not by the signature: the same wake-up can carry its signatures in another order.
    if (!isNew(`${timestamp}.${new TextDecoder().decode(body)}`)) {
      throw new SupaqueueError(
        'SQ409',
        'the wake-up was received before',
        'You need not do anything: the first one was answered.',
      )
    }
  }

  async function askSkew(): Promise<number> {
    try {
      return await skew()
    } catch {
      throw new SupaqueueError(
        'SQ503',
        'the age of the wake-up cannot be told: the clocks differ, and the database does not answer',
        'Is the project running? The database sends a new one by itself.',
      )
    }
  }
}

/** What a request says of its signature, looked at before its body is read. Throws a `SupaqueueError` for one that says nothing. */
export function claimOf({ headers }: Request): { timestamp: string; header: string } {
  const timestamp = headers.get('supaqueue-timestamp') ?? ''
  const header = headers.get('supaqueue-signature') ?? ''
  if (/^\d{1,12}(\.\d{1,9})?$/.test(timestamp) && signaturesOfWakeUp(header).length > 0) return { timestamp, header }
  throw new SupaqueueError(
    'SQ401',
    'the wake-up is not signed',
    'Only the database wakes the dispatcher. To start what is due by hand: select supaqueue.process_jobs();',
  )
}

const isOff = (sentAt: number, now: number): boolean => Math.abs(now - sentAt) > MAX_AGE_MS
