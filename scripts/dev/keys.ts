import { randomBytes } from 'node:crypto'
import { SignJWT } from 'jose'

/** The keys of a project, in both generations, and the secret that signs its JWTs. */
export type ProjectKeys = {
  /** Legacy keys: JWTs that carry their role. */
  anon: string
  serviceRole: string
  /** New keys: opaque, known by heart. */
  publishable: string
  secret: string
  jwtSecret: string
}

/** Makes the keys of a new project. Nothing in them can be guessed, and nothing is written down. */
export async function makeKeys(): Promise<ProjectKeys> {
  const jwtSecret = randomBytes(32).toString('hex')
  return {
    anon: await signJwt(jwtSecret, { role: 'anon' }),
    serviceRole: await signJwt(jwtSecret, { role: 'service_role' }),
    publishable: `sb_publishable_${opaque()}`,
    secret: `sb_secret_${opaque()}`,
    jwtSecret,
  }
}

/** Signs claims as the project's Auth would: for the legacy keys, or for a user of the app in a test. */
export const signJwt = (jwtSecret: string, claims: Record<string, unknown>, lifetime = '10y'): Promise<string> =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer('supabase')
    .setIssuedAt()
    .setExpirationTime(lifetime)
    .sign(new TextEncoder().encode(jwtSecret))

const opaque = () => `${randomBytes(16).toString('base64url')}_${randomBytes(6).toString('base64url')}`
