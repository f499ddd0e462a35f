import { createClient } from '@supabase/supabase-js'
import { openQueue } from '../../../../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { sums } from '../_shared/queues.ts'

// A sender in an edge function.
Deno.serve(async () => {
  const supabase = createClient(Deno.env.get('SUPABASE_URL')!, Deno.env.get('SUPABASE_SERVICE_ROLE_KEY')!)
  const queue = openQueue(supabase, sums)
  return Response.json(await queue.waitFor(await queue.enqueue({ terms: [1, 2] })))
})
