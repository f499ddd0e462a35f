import type { World } from './world.ts'

/**
 * The project's key for calling the database, out of the environment; undefined when there is none. The `default`
 * secret key comes first, then any other, then the legacy key: the dispatcher chooses in the same way.
 */
export function chooseKey(env: World['env']): string | undefined {
  const keys = readKeys(env('SUPABASE_SECRET_KEYS'))
  return [keys.default, ...Object.values(keys), env('SUPABASE_SECRET_KEY'), env('SUPABASE_SERVICE_ROLE_KEY')]
    .find(Boolean)
}

/** Whether a key may travel as a bearer token. Keys of the new kind may not: the gateway takes them for broken JWTs. */
export const isJwt = (key: string): boolean => !key.startsWith('sb_')

function readKeys(text: string | undefined): Record<string, string> {
  try {
    const keys: unknown = JSON.parse(text || '{}')
    if (keys === null || typeof keys !== 'object' || Array.isArray(keys)) return {}
    return Object.values(keys).every((key) => typeof key === 'string' && key !== '')
      ? keys as Record<string, string>
      : {}
  } catch {
    // Unreadable is the same as absent: an older variable may still hold a key.
    return {}
  }
}
