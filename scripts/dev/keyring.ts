import { createHash } from 'node:crypto'
import { jwtVerify } from 'jose'
import type { ProjectKeys } from './keys.ts'

export type Claims = Record<string, unknown> & { role: string }

/** Knows the project's keys when it sees them. */
export type Keyring = {
  /** The role of a key of the project; undefined for any other text. */
  roleOf(key: string | undefined): 'anon' | 'service_role' | undefined
  /** What a JWT signed by the project claims; undefined if it is forged, expired or carries no role. */
  claimsOf(jwt: string): Promise<Claims | undefined>
}

/** `legacy` false: as in a project whose legacy keys were switched off, they open nothing. */
export function makeKeyring(keys: ProjectKeys, { legacy = true } = {}): Keyring {
  const secret = new TextEncoder().encode(keys.jwtSecret)
  const retired = legacy ? [] : [keys.anon, keys.serviceRole]
  // Looked up by digest: how long it takes says nothing about a key.
  const roles = new Map<string, 'anon' | 'service_role'>([
    [digest(keys.publishable), 'anon'],
    [digest(keys.secret), 'service_role'],
  ])
  if (legacy) roles.set(digest(keys.anon), 'anon').set(digest(keys.serviceRole), 'service_role')

  return {
    roleOf: (key) => key === undefined ? undefined : roles.get(digest(key)),
    async claimsOf(jwt) {
      if (retired.some((key) => digest(key) === digest(jwt))) return undefined
      try {
        const { payload } = await jwtVerify(jwt, secret, { algorithms: ['HS256'] })
        return typeof payload.role === 'string' ? payload as Claims : undefined
      } catch {
        return undefined
      }
    },
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest('base64')
