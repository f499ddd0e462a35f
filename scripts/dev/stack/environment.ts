import type { ProjectKeys } from '../keys.ts'

export type Surroundings = {
  apiUrl: string
  databaseUrl: string
  keys: ProjectKeys
  /** Whether the keys of the old generation are there, too. */
  legacyKeys: boolean
  secret: string
}

/** The variables that functions find: those of a hosted project, and supaqueue's own secret. */
export const functionEnvironment = ({ apiUrl, databaseUrl, keys, legacyKeys, secret }: Surroundings) => ({
  SUPABASE_URL: apiUrl,
  SUPABASE_DB_URL: databaseUrl,
  SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable }),
  SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret }),
  ...(legacyKeys && { SUPABASE_ANON_KEY: keys.anon, SUPABASE_SERVICE_ROLE_KEY: keys.serviceRole }),
  SUPAQUEUE_SECRET: secret,
})
