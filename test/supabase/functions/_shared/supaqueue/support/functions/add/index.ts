import { handle } from '../../../../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { sums } from '../_shared/queues.ts'

Deno.serve(handle(sums, async ({ terms, since, then }, job) => {
  if (then === 'fail') return job.kill('cannot add these')
  if (then === 'wait') return job.later({ lease: 60_000 })
  if (then === 'tell') {
    await job.progress(50, 'half of it')
    return job.later({ lease: 60_000 })
  }
  const result = { sum: terms.reduce((sum, term) => sum + term, 0), year: since.getUTCFullYear() }
  return then === 'lie' ? { ...result, sum: 'a lot' as never } : result
}))
