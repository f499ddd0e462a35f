import { z } from 'zod'

const namedKeys = z.record(z.string(), z.string().min(1))

/**
 * The project's key for calling functions and the database, out of the environment; undefined when there is none.
 * The `default` secret key comes first, because functions may accept that one only; the legacy key comes last.
 */
export function chooseKey(env: Record<string, string | undefined>): string | undefined {
  const keys = readKeys(env.SUPABASE_SECRET_KEYS)
  return [keys.default, ...Object.values(keys), env.SUPABASE_SECRET_KEY, env.SUPABASE_SERVICE_ROLE_KEY].find(Boolean)
}

/** Whether a key may travel as a bearer token. Keys of the new kind may not: the gateway takes them for broken JWTs. */
export const isJwt = (key: string): boolean => !key.startsWith('sb_')

function readKeys(text: string | undefined): Record<string, string> {
  try {
    return namedKeys.parse(JSON.parse(text || '{}'))
  } catch {
    // Unreadable is the same as absent: an older variable may still hold a key.
    return {}
  }
}
