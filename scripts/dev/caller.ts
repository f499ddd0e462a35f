import type { IncomingMessage } from 'node:http'
import { bearer } from './bearer.ts'
import type { Claims, Keyring } from './keyring.ts'

/** In whose name a request to REST acts. */
export type Caller = { role: string; claims: Claims }
export type Refused = { status: number; body: Record<string, unknown>; headers?: Record<string, string> }

/** Who calls, by the rules of the hosted gateway: a key in `apikey`, and a user's JWT in `Authorization` outranks it. */
export async function whoCalls(request: IncomingMessage, keyring: Keyring): Promise<Caller | Refused> {
  const key = request.headers.apikey?.toString() ?? queryKey(request.url)
  if (!key) {
    return refused('No API key found in request', 'Send the publishable or the secret key in the header apikey.')
  }
  const role = keyring.roleOf(key)
  if (!role) return refused('Invalid API key', 'Use one of the keys that the stack printed when it started.')
  if (key.startsWith('sb_secret_') && isBrowser(request)) {
    return refused('Forbidden use of secret API key in browser', 'Use the publishable key in a browser.')
  }

  const token = bearer(request)
  if (!token || token === key || keyring.roleOf(token)) {
    const claims = { role: keyring.roleOf(token) ?? role }
    return { role: claims.role, claims }
  }
  const claims = await keyring.claimsOf(token)
  return claims ? { role: claims.role, claims } : invalidJwt
}

const refused = (message: string, hint: string): Refused => ({ status: 401, body: { message, hint } })

const invalidJwt: Refused = {
  status: 401,
  body: {
    code: 'PGRST301',
    message: 'JWT is not valid',
    details: null,
    hint: 'Sign in again: it is forged or expired.',
  },
  headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
}

const isBrowser = (request: IncomingMessage) => /^Mozilla\//.test(request.headers['user-agent'] ?? '')

const queryKey = (url = '') =>
  url.includes('apikey=') ? new URL(url, 'http://localhost').searchParams.get('apikey') : undefined
