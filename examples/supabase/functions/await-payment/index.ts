import { z } from 'zod'
import { handle } from 'supaqueue/edge'

// An example of a job that waits for something outside, and of one that is given up. Your project does not need it.

// `paid_at` and `refused` stand for what a bank would answer.
const Payload = z.object({
  order: z.string(),
  paid_at: z.iso.datetime({ offset: true }).optional(),
  refused: z.boolean().default(false),
})

Deno.serve(handle(Payload, ({ order, paid_at, refused }, job) => {
  // Fails now. To throw an error instead would have the job tried again.
  if (refused) return job.kill(`the bank refused the payment of order ${order}`)

  // Comes again later. Waiting is no failure: it uses no attempt, and no worker meanwhile.
  const isPaid = paid_at !== undefined && Date.parse(paid_at) <= Date.now()
  if (!isPaid) return job.reschedule(paid_at ? { at: paid_at } : { after: 60_000 })

  return { order, paid: true }
}))
