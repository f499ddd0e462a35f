import { PostgrestClient } from '@supabase/postgrest-js'

/**
 * All that the dispatcher and the demo ask of supabase-js, which brings four times its size for auth, storage and realtime: a client of
 * the project's REST door. Same headers, same answers, for it is the same client within.
 */
export const createClient = (url: string, key: string): PostgrestClient =>
  new PostgrestClient(`${url.replace(/\/+$/, '')}/rest/v1`, {
    headers: { apikey: key, authorization: `Bearer ${key}` },
  })
