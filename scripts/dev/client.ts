import { createClient } from '@supabase/supabase-js'

/** supabase-js for a stack, acting by the given key. Keeps nothing of a session. */
export const openClient = ({ apiUrl }: { apiUrl: string }, key: string) =>
  createClient(apiUrl, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    // Node 20 has no WebSocket, and without one supabase-js does not even start. The stack has no Realtime to use it.
    realtime: { transport: Object as never },
  })
