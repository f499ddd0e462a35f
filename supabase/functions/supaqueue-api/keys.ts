import { z } from 'zod'

const namedKeys = z.record(z.string(), z.string().min(1))

/**
 * The keys that the project's own servers have, out of the environment, the one to call the database with first: the
 * `default` secret key, the others, the legacy key.
 */
export function projectKeys(env: Record<string, string | undefined>): string[] {
  const { default: first, ...others } = readKeys(env.SUPABASE_SECRET_KEYS)
  const all = [
    first,
    ...Object.values(others),
    env.SUPABASE_SECRET_KEY,
    env.SUPABASE_SERVICE_ROLE_KEY,
  ]
  return all.filter((key): key is string => key !== undefined && key !== '')
}

function readKeys(text: string | undefined): Record<string, string> {
  try {
    return namedKeys.parse(JSON.parse(text || '{}'))
  } catch {
    // Unreadable is the same as absent: an older variable may still hold a key.
    return {}
  }
}
