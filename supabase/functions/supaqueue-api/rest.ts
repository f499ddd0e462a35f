import { createClient } from '@supabase/supabase-js'
import { type Ask, errorOf, TIMEOUT_MS } from './database.ts'

/** Asks through the project's REST door, as service_role. */
export function rest({ supabaseUrl, key }: { supabaseUrl: string; key: string }): Ask {
  // With an access token of its own the client keeps no session and starts no timers for one.
  const client = createClient(supabaseUrl, key, { accessToken: () => Promise.resolve(key) })

  return async (name, args) => {
    const { data, error, status } = await client.schema('supaqueue').rpc(name, args)
      .abortSignal(AbortSignal.timeout(TIMEOUT_MS))
    if (error) throw errorOf(status, error)
    return data
  }
}
