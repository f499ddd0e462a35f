import { rpc } from '../../../../supabase/functions/_shared/supaqueue/database.ts'
import { type Deps, runtime } from '../../../../supabase/functions/_shared/supaqueue/deps.ts'
import { paragraphsOf } from './paragraphs.ts'
import { planJobs } from './plan.ts'

/** A job's payload: a text, the queue that its paragraphs go to, and the job that is to wait for all of them. */
export type Payload = { text: string; queue: string; merge: number }

/** Enqueues a job for each paragraph of a text, however many there are, and makes another job wait for all of them. */
export async function handle(request: Request, deps: Deps = runtime): Promise<Response> {
  const { text, queue, merge } = await request.json() as Payload
  const job = request.headers.get('supaqueue-job-id')

  const jobs = planJobs(paragraphsOf(text)).map(({ payload }) => ({
    payload,
    // A second attempt finds what the first one enqueued.
    dedupe_key: `${job}/${payload.paragraph}`,
  }))
  const enqueued = await rpc(deps, 'enqueue_many', { queue, jobs, on_conflict: 'skip' }) as { id: number }[]
  // What the last job is not told of it would not wait for.
  if (enqueued.length !== jobs.length) throw new Error(`told of ${enqueued.length} of ${jobs.length} paragraphs`)
  // While this job runs the other waits for it, so none of them can be forgotten. What cannot be read is left out.
  await rpc(deps, 'depend', { target: merge, sources: enqueued.map(({ id }) => id), on_failure: 'run' })

  return Response.json({ paragraphs: enqueued.length })
}
