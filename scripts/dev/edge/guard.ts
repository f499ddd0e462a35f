import type { IncomingMessage } from 'node:http'
import { bearer } from '../bearer.ts'
import type { Keyring } from '../keyring.ts'
import type { RefusalCode } from './refusal.ts'

/**
 * What `verify_jwt = true` demands: a JWT of the project in `Authorization`, or a new key in `apikey`. Undefined if
 * the request may pass. A new key sent as a bearer token is no JWT, and does not count as one.
 */
export async function checkJwt(request: IncomingMessage, keyring: Keyring): Promise<RefusalCode | undefined> {
  if (request.method === 'OPTIONS') return undefined

  const key = request.headers.apikey?.toString()
  const token = bearer(request)
  if (key?.startsWith('sb_') && keyring.roleOf(key) && (!token || token.startsWith('sb_'))) return undefined
  if (!request.headers.authorization) return 'UNAUTHORIZED_NO_AUTH_HEADER'
  return token && await keyring.claimsOf(token) ? undefined : 'UNAUTHORIZED_INVALID_JWT_FORMAT'
}
