/** A variable of the environment. */
export type Env = (name: string) => string | undefined

/**
 * The keys that the project's own servers have, out of the environment, the one to call with first: the secret key named
 * `default`, because functions may accept that one only; the other secret keys; the legacy key.
 */
export function projectKeys(env: Env): string[] {
  const { default: first, ...others } = readKeys(env('SUPABASE_SECRET_KEYS'))
  return [first, ...Object.values(others), env('SUPABASE_SECRET_KEY'), env('SUPABASE_SERVICE_ROLE_KEY')]
    .filter((key): key is string => key !== undefined && key !== '')
}

/** The project's key for calling functions and the database; undefined when there is none. */
export const chooseKey = (env: Env): string | undefined => projectKeys(env)[0]

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
