import { SupaqueueError } from './errors.ts'

const HMAC = { name: 'HMAC', hash: 'SHA-256' }

// Below this a secret could be found by trying.
const MIN_KEY_BYTES = 16

// More than any exchange of secrets needs, and few enough that a long header costs nothing.
const MAX_SIGNATURES = 10

const encoder = new TextEncoder()

/** What a secret is given as: a text, or the key that it stands for. */
export type Secret = string | Uint8Array<ArrayBuffer>

/** The keys that secrets stand for: what is base64 behind `whsec_`, else their bytes. Throws SQ500 for an unusable one. */
export function keysOf(secrets: Secret | Secret[]): Uint8Array<ArrayBuffer>[] {
  const keys = [secrets].flat().map((secret) => {
    if (typeof secret !== 'string') return secret
    return secret.startsWith('whsec_') ? fromBase64(secret.slice('whsec_'.length)) : encoder.encode(secret)
  })
  if (keys.length === 0) throw unusable('is missing')
  return keys.map((key) => {
    if (!key) throw unusable('has no base64 behind whsec_')
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

/** Whether one of the signatures is the HMAC-SHA256 of `id.timestamp.body` under one of the keys. */
export async function isSigned(
  message: { id: string; timestamp: string; body: Uint8Array; signatures: string },
  keys: Uint8Array<ArrayBuffer>[],
): Promise<boolean> {
  const signatures = readSignatures(message.signatures)
  const signed = join(encoder.encode(`${message.id}.${message.timestamp}.`), message.body)
  for (const bytes of keys) {
    const key = await crypto.subtle.importKey('raw', bytes, HMAC, false, ['verify'])
    for (const signature of signatures) {
      // Compares in constant time; comparing texts would tell a stranger how much of a guess was right.
      if (await crypto.subtle.verify('HMAC', key, signature, signed)) return true
    }
  }
  return false
}

const readSignatures = (header: string): Uint8Array<ArrayBuffer>[] =>
  header.split(/\s+/)
    .filter((signature) => signature.startsWith('v1,'))
    .slice(0, MAX_SIGNATURES)
    .map((signature) => fromBase64(signature.slice('v1,'.length)))
    .filter((bytes) => bytes !== undefined)

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
