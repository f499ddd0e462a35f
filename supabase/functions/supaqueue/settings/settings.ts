import { chooseKey } from '../../_shared/supaqueue/key.ts'
import { SupaqueueError } from '../../_shared/supaqueue/errors.ts'

/** What the dispatcher must know before it can serve: where the project is, and by what secrets it is known. */
export type Settings = {
  supabaseUrl: string
  functionsUrl: string
  key: string
  /** The current secret first, then the previous one while the two are being exchanged. */
  secrets: string[]
  /** The database's own address, for turns over a connection. SUPABASE_DB_URL, which the platform sets, is never it. */
  direct?: { url: string; ca?: string }
}

// Every database role can read the signed wake-ups in pg_net's queue, so a short secret could be found by trying.
const SHORTEST = 16

/** Reads the environment. Throws a `SupaqueueError` that names what is missing, and never what was found. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const { SUPABASE_URL = '', SUPAQUEUE_SECRET, SUPAQUEUE_SECRET_PREVIOUS } = env
  const key = chooseKey((name) => env[name])
  const isUrl = URL.canParse(SUPABASE_URL) && /^https?:$/.test(new URL(SUPABASE_URL).protocol)
  const wrong = [
    !isUrl && 'SUPABASE_URL must be the http(s) address of the project',
    SUPAQUEUE_SECRET === undefined ? 'SUPAQUEUE_SECRET is not set' : tooShort('SUPAQUEUE_SECRET', SUPAQUEUE_SECRET),
    SUPAQUEUE_SECRET_PREVIOUS && tooShort('SUPAQUEUE_SECRET_PREVIOUS', SUPAQUEUE_SECRET_PREVIOUS),
    !key && 'SUPABASE_SECRET_KEYS (or SUPABASE_SERVICE_ROLE_KEY) must hold a key',
  ].filter(Boolean)
  if (wrong.length > 0) {
    throw new SupaqueueError(
      'SQ500',
      `the dispatcher is not set up: ${wrong.join('; ')}`,
      'Run the installer again: it sets SUPAQUEUE_SECRET. The platform itself sets what begins with SUPABASE_.',
    )
  }

  const supabaseUrl = SUPABASE_URL.replace(/\/+$/, '')
  return {
    supabaseUrl,
    functionsUrl: `${supabaseUrl}/functions/v1`,
    key: key!,
    ...(env.SUPAQUEUE_DB_URL && { direct: { url: env.SUPAQUEUE_DB_URL, ca: env.SUPAQUEUE_DB_CA || undefined } }),
    secrets: [SUPAQUEUE_SECRET!, ...(SUPAQUEUE_SECRET_PREVIOUS ? [SUPAQUEUE_SECRET_PREVIOUS] : [])],
  }
}

const tooShort = (name: string, secret: string): string | false =>
  secret.length < SHORTEST && `${name} must have at least ${SHORTEST} characters`
