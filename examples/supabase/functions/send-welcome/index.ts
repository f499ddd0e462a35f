import { z } from 'zod'
import { handle } from 'supaqueue/edge'

// An example of the plainest kind: a payload comes in, a result goes out. Your project does not need it.

// A job that does not look like this fails at once, with the reason. Trying it again would not help.
const Payload = z.object({ email: z.email(), name: z.string().default('you') })

Deno.serve(handle(Payload, async ({ email, name }, job) => {
  const mail = { to: email, text: `Welcome, ${name}!` }
  const number = await send(mail, job.idempotencyKey)
  // What is returned is kept on the job. What is thrown is kept there, too, and the job is tried again.
  return { sent_to: email, number }
}))

const sent = new Map<string, number>()

// Stands for a mail service. Such services know idempotency keys: an attempt whose answer was lost on its way may have
// sent the mail already, and with the same key again it is not sent twice.
function send(_mail: { to: string; text: string }, key: string): Promise<number> {
  const number = sent.get(key) ?? sent.size + 1
  sent.set(key, number)
  return Promise.resolve(number)
}
