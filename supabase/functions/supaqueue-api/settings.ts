import { projectKeys } from '../_shared/supaqueue/key.ts'
import { SupaqueueError } from '../_shared/supaqueue/errors.ts'

/** Where the project is, and the keys that its own servers have; there is at least one. */
export type Settings = { supabaseUrl: string; key: string; keys: string[] }

/** Reads the environment. Throws a `SupaqueueError` that names what is missing, and never what was found. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const keys = projectKeys((name) => env[name])
  const [key] = keys
  const missing = [
    .../^https?:\/\//.test(env.SUPABASE_URL ?? '') ? [] : ['SUPABASE_URL'],
    ...key === undefined ? ['SUPABASE_SECRET_KEYS (or SUPABASE_SERVICE_ROLE_KEY)'] : [],
  ]
  if (missing.length > 0 || key === undefined) {
    throw new SupaqueueError(
      'SQ500',
      `the function supaqueue-api is not set up: ${missing.join(' and ')} is not set`,
      'The platform sets what begins with SUPABASE_ for every edge function. Elsewhere, set it yourself.',
    )
  }
  return { supabaseUrl: env.SUPABASE_URL!.replace(/\/+$/, ''), key, keys }
}
