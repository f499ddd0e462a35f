import { randomUUID } from 'node:crypto'
import type { Deps } from '../../../../../supabase/functions/supaqueue/call/call.ts'
import { makeCaller } from '../../../../../supabase/functions/supaqueue/call/call.ts'
import type { Claim, QueueRow, Secrets } from '../../../../../supabase/functions/supaqueue/turn/turn.ts'
import { secret } from './wake_up.ts'

/** A queue for the function `send-mail`, unless told otherwise. */
export const queueRow = (queue: Partial<QueueRow> = {}): QueueRow => ({
  id: 'b5a6b9c2-0f0f-4c7a-9a55-111111111111',
  name: 'mail',
  edge_function_name: queue.url ? null : 'send-mail',
  default_headers: {},
  max_attempts: 3,
  timeout_ms: 5000,
  ...queue,
})

/** The second attempt of job 7. */
export const claimOf = (job: Partial<Claim['job']> = {}): Claim => ({
  current_job: { id: randomUUID() },
  job: { id: 7, payload: '{}', attempts: 2, ...job },
})

/** The secret that URL targets are signed with in these tests. */
export const webhookSecret = `whsec_${Buffer.from('thirty-two bytes, or nearly that').toString('base64')}`

/** What a caller needs, on this machine: private targets are allowed. */
export const callerDeps = (more: Partial<Deps> = {}): Deps => ({
  functionsUrl: 'http://127.0.0.1:1/functions/v1',
  key: 'sb_secret_1',
  secrets: [secret],
  fetch,
  now: Date.now,
  resolve: () => Promise.reject(new Error('nobody should ask')),
  allowPrivate: () => true,
  ...more,
})

/** Calls once, for one job. */
export const callOnce = async (
  { queue, job, secrets = { supaqueue_webhook_secret: webhookSecret }, ...more }: Partial<Omit<Deps, 'secrets'>> & {
    queue?: Partial<QueueRow>
    job?: Partial<Claim['job']>
    secrets?: Secrets
  },
) => {
  const { outcomes: [outcome], chainSpent } = await makeCaller(callerDeps(more))(queueRow(queue), secrets)(claimOf(job))
  return { outcome: outcome!, chainSpent }
}
