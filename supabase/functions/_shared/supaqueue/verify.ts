import { SupaqueueError } from './errors.ts'
import { isSigned, keysOf, type Secret, signaturesOfCall } from './signature.ts'

type Bytes = string | Uint8Array | ArrayBuffer

/** A request as far as its signature goes. `body` is the raw body, as it came: parsed and written again it differs. */
export type Signed = { headers: Headers | Record<string, string | string[] | undefined>; body: Bytes }

/** `now` is in Unix milliseconds; `tolerance`, in milliseconds, is how far the sender's clock may be from ours. */
export type VerifyOptions = { now?: () => number; tolerance?: number }

/**
 * Checks that a request was signed by supaqueue with one of the secrets, as Standard Webhooks prescribes, and lately.
 * Several secrets serve while one takes the place of another. Returns the request's id, which is the same for all
 * attempts of a job. Throws a `SupaqueueError`: SQ401 for a request not to be trusted, SQ500 for an unusable secret.
 */
export function verify(
  { headers, body }: Signed,
  secrets: string | string[],
  options?: VerifyOptions,
): Promise<string> {
  return verifyLater(headers, () => body, secrets, options).then(({ id }) => id)
}

/** As `verify`, but asks for the body only when the headers leave a chance. Returns the body, too. */
export async function verifyLater(
  headers: Signed['headers'],
  readBody: () => Bytes | Promise<Bytes>,
  secrets: Secret | Secret[],
  { now = Date.now, tolerance = 300_000 }: VerifyOptions = {},
): Promise<{ id: string; body: Uint8Array<ArrayBuffer> }> {
  const keys = keysOf(secrets)
  const id = headerOf(headers, 'webhook-id')
  const timestamp = headerOf(headers, 'webhook-timestamp')
  const signatures = headerOf(headers, 'webhook-signature')
  if (!id || !signatures || !/^\d{1,12}$/.test(timestamp)) {
    throw new SupaqueueError(
      'SQ401',
      'the call is not signed',
      'Only supaqueue may call this. To have it called, enqueue a job: insert into supaqueue.job (queue, payload) values (...).',
    )
  }
  if (Math.abs(now() - Number(timestamp) * 1000) > tolerance) {
    throw new SupaqueueError(
      'SQ401',
      `the call was signed more than ${tolerance / 1000} seconds ago, or in the future`,
      'Do not send a call again by hand. If supaqueue itself sent it just now, one of the two clocks is wrong.',
    )
  }
  const body = bytesOf(await readBody())
  const signed = { head: `${id}.${timestamp}.`, body, signatures: signaturesOfCall(signatures) }
  if (await isSigned(signed, keys)) return { id, body }
  throw new SupaqueueError(
    'SQ401',
    'the signature of the call is wrong',
    'The secret here must be one that supaqueue signs with: SUPAQUEUE_SECRET for an edge function, for a URL one of those ' +
      'in Vault that queue.signing_secrets names. The body must be the one that was sent, byte for byte.',
  )
}

function headerOf(headers: Signed['headers'], name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name]
  return [value ?? ''].flat().join(' ')
}

function bytesOf(body: Bytes): Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return new TextEncoder().encode(body)
  if (body instanceof Uint8Array) return new Uint8Array(body)
  if (body instanceof ArrayBuffer) return new Uint8Array(body)
  throw new SupaqueueError(
    'SQ500',
    'the body to verify is neither text nor bytes',
    "Give the raw body. With Express: app.use(express.raw({ type: '*/*' })) before anything that parses it.",
  )
}
