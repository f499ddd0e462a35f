import { z } from 'zod'
import { handle } from 'supaqueue/edge'

// An example of work that goes on after the call was answered: the dispatcher need not wait, and may go. The job keeps
// its worker until the work ends, or until it is heard of no more. Your project does not need it.

// `page_ms` stands for slow work.
const Payload = z.object({ pages: z.int().positive(), page_ms: z.int().nonnegative().default(0) })

Deno.serve(handle(Payload, ({ pages, page_ms }, job) =>
  job.background(async () => {
    for (let page = 1; page <= pages; page++) {
      // The platform is about to end this isolate, or the job is no longer ours: end with an error, so that it is retried.
      job.signal.throwIfAborted()
      await new Promise((resolve) => setTimeout(resolve, page_ms))
      await job.progress(100 * page / pages, `page ${page} of ${pages}`)
    }
    return { pages }
  })))
