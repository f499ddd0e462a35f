const encoder = new TextEncoder()

/**
 * By what a secret can be told from another, without telling it: 32 bits of a hash. Its other home is
 * functions/modules/health/secret_fingerprint.sql: who looks for the cause of refused wake-ups compares the two.
 */
export async function fingerprintOf(secret: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', encoder.encode(`supaqueue-fingerprint:${secret}`))
  return Array.from(new Uint8Array(hash, 0, 4), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
