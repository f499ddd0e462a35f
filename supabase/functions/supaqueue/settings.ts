import { z } from 'zod'
import { chooseKey } from '../_shared/supaqueue/key.ts'
import { SupaqueueError } from '../_shared/supaqueue/errors.ts'

/** What the dispatcher must know before it can serve: where the project is, and by what secrets it is known. */
export type Settings = {
  supabaseUrl: string
  functionsUrl: string
  key: string
  /** The current secret first, then the previous one while the two are being exchanged. */
  secrets: string[]
}

// Every database role can read the signed wake-ups in pg_net's queue, so a short secret could be found by trying.
const secret = z.string('is not set').min(16, 'must have at least 16 characters')

const environment = z.object({
  SUPABASE_URL: z.url({ protocol: /^https?$/, error: 'must be the http(s) address of the project' }),
  SUPAQUEUE_SECRET: secret,
  SUPAQUEUE_SECRET_PREVIOUS: z.preprocess((text) => text || undefined, secret.optional()),
  SUPABASE_SECRET_KEYS: z.string('(or SUPABASE_SERVICE_ROLE_KEY) must hold a key'),
})

/** Reads the environment. Throws a `SupaqueueError` that names what is missing, and never what was found. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const key = chooseKey((name) => env[name])
  const found = environment.safeParse({ ...env, SUPABASE_SECRET_KEYS: key })
  if (!found.success || !key) {
    const wrong = found.error?.issues.map(({ path, message }) => `${String(path[0])} ${message}`).join('; ')
    throw new SupaqueueError(
      'SQ500',
      `the dispatcher is not set up: ${wrong}`,
      'Run the installer again: it sets SUPAQUEUE_SECRET. The platform itself sets what begins with SUPABASE_.',
    )
  }

  const { SUPABASE_URL, SUPAQUEUE_SECRET, SUPAQUEUE_SECRET_PREVIOUS } = found.data
  const supabaseUrl = SUPABASE_URL.replace(/\/+$/, '')
  return {
    supabaseUrl,
    functionsUrl: `${supabaseUrl}/functions/v1`,
    key,
    secrets: SUPAQUEUE_SECRET_PREVIOUS ? [SUPAQUEUE_SECRET, SUPAQUEUE_SECRET_PREVIOUS] : [SUPAQUEUE_SECRET],
  }
}
