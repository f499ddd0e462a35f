import { SupaqueueError } from './errors.ts'

const HMAC = { name: 'HMAC', hash: 'SHA-256' }

// Below this a secret could be found by trying.
const MIN_KEY_BYTES = 16

// More than any exchange of secrets needs, and few enough that a long header costs nothing.
const MAX_SIGNATURES = 10

const encoder = new TextEncoder()

/** What a secret is given as: a text, or the key that it stands for. */
export type Secret = string | Uint8Array<ArrayBuffer>

/**
 * The key that a secret stands for: the bytes behind `whsec_`, which are base64, or else the letters of the secret
 * themselves.
 */
export function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const [, coded] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? []
  return coded === undefined ? encoder.encode(secret) : fromBase64(coded) ?? encoder.encode(secret)
}

/** The keys to verify with. Throws SQ500 for an unusable one. */
export function keysOf(secrets: Secret | Secret[]): Uint8Array<ArrayBuffer>[] {
  const given = [secrets].flat()
  if (given.length === 0) throw unusable('is missing')
  return given.map((secret) => {
    if (typeof secret === 'string' && secret.startsWith('whsec_') && !fromBase64(secret.slice('whsec_'.length))) {
      throw unusable('has no base64 behind whsec_')
    }
    const key = typeof secret === 'string' ? keyOf(secret) : secret
    if (key.length < MIN_KEY_BYTES) throw unusable(`is shorter than ${MIN_KEY_BYTES} bytes`)
    return key
  })
}

const unusable = (why: string) =>
  new SupaqueueError(
    'SQ500',
    `the secret to verify calls with ${why}`,
    'Set it as it stands in Vault. To make one: openssl rand -hex 32',
  )

/** Whether one of the signatures is the HMAC-SHA256 of `head` and `body` under one of the keys. */
export async function isSigned(
  { head, body, signatures }: { head: string; body: Uint8Array; signatures: Uint8Array<ArrayBuffer>[] },
  keys: Uint8Array<ArrayBuffer>[],
): Promise<boolean> {
  const signed = join(encoder.encode(head), body)
  for (const bytes of keys) {
    const key = await crypto.subtle.importKey('raw', bytes, HMAC, false, ['verify'])
    for (const signature of signatures) {
      // Compares in constant time; comparing texts would tell a stranger how much of a guess was right.
      if (await crypto.subtle.verify('HMAC', key, signature, signed)) return true
    }
  }
  return false
}

/** The signatures in a header, parted by spaces: those of a form, without what they begin with, and read. */
const readSignatures = (header: string, form: RegExp, read: (text: string) => Uint8Array<ArrayBuffer> | undefined) =>
  header.split(/\s+/)
    .filter((signature) => form.test(signature))
    .slice(0, MAX_SIGNATURES)
    .map((signature) => read(signature.slice('v1,'.length)))
    .filter((bytes) => bytes !== undefined)

/** As Standard Webhooks has them, on calls: `v1,` and base64. */
export const signaturesOfCall = (header: string): Uint8Array<ArrayBuffer>[] =>
  readSignatures(header, /^v1,/, fromBase64)

/** As the database writes them on wake-ups: `v1=` and hexadecimal digits. */
export const signaturesOfWakeUp = (header: string): Uint8Array<ArrayBuffer>[] =>
  readSignatures(header, /^v1=[0-9a-f]{64}$/i, fromHex)

const fromHex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16))

/** The bytes that a base64 text stands for; undefined when it is none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
  } catch {
    return undefined
  }
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(head.length + tail.length)
  joined.set(head)
  joined.set(tail, head.length)
  return joined
}
