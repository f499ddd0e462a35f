const HMAC = { name: 'HMAC', hash: 'SHA-256' }

// More than any exchange of secrets needs, and few enough that a long header costs nothing.
const MAX_SIGNATURES = 4

const encoder = new TextEncoder()

/** Whether one of the signatures is the HMAC-SHA256 of `timestamp.body` under one of the secrets. */
export async function isSigned(
  message: { signatures: string; timestamp: string; body: Uint8Array },
  secrets: string[],
): Promise<boolean> {
  const signatures = readSignatures(message.signatures)
  const signed = join(encoder.encode(`${message.timestamp}.`), message.body)
  for (const secret of secrets) {
    const key = await crypto.subtle.importKey('raw', encoder.encode(secret), HMAC, false, ['verify'])
    for (const signature of signatures) {
      // Compares in constant time; comparing texts would tell a stranger how much of a guess was right.
      if (await crypto.subtle.verify('HMAC', key, signature, signed)) return true
    }
  }
  return false
}

function readSignatures(header: string): Uint8Array<ArrayBuffer>[] {
  return header.split(/\s+/)
    .filter((signature) => /^v1=[0-9a-f]{64}$/i.test(signature))
    .slice(0, MAX_SIGNATURES)
    .map((signature) => Uint8Array.from(signature.slice(3).match(/../g) ?? [], (byte) => parseInt(byte, 16)))
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(head.length + tail.length)
  joined.set(head)
  joined.set(tail, head.length)
  return joined
}
