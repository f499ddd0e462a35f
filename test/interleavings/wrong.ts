import type { Harness } from '../support/harness.ts'
import type { Run } from './platform.ts'

/** What must never be so once nothing moves: in words, or undefined when all is well. */
export async function whatIsWrong(harness: Harness, queue: string, runs: Run[]): Promise<string | undefined> {
  // By a name, so that it is planned once: it would take longer than what it looks at.
  const { rows: [found] } = await harness.db.query({
    name: 'what is wrong',
    text: `select
       (
         select count(*) from supaqueue.job
         where job.queue = queue.id and job.status = 'pending' and job.run_at <= clock_timestamp() and not queue.paused
           and (queue.ordered is null or not exists (
             select from supaqueue.job as earlier
             where earlier.queue = queue.id and earlier.concurrency_key = job.concurrency_key
               and (
                 earlier.id < job.id and (earlier.status in ('held', 'pending') or earlier.status = 'failed' and queue.after_failure = 'block')
                 or earlier.status = 'in_progress'
               )
           ))
       ) as due,
       (
         select count(*) from supaqueue.job
         where job.queue = queue.id and job.status = 'pending' and not queue.paused
           and job.run_at between clock_timestamp() and clock_timestamp() + interval '15 seconds'
       ) as planned,
       (select count(*) from supaqueue.worker where worker.queue = queue.id and not worker.locked) as free,
       (select count(*) from supaqueue.current_job where current_job.queue = queue.id and current_job.dispatcher is null and (not queue.paused or current_job.despite_pause)) as ownerless,
       (
         select count(*) from supaqueue.worker
         where worker.queue = queue.id
           and worker.locked <> exists (select from supaqueue.current_job where current_job.worker = worker.id)
       ) as mismarked,
       (
         select count(*) from (
           select from supaqueue.current_job
           where current_job.queue = queue.id and current_job.worker is not null
           group by current_job.worker
           having count(distinct coalesce(current_job.call, current_job.id)) > 1
         ) as shared
       ) as shared,
       (
         select count(*) from supaqueue.job
         where job.queue = queue.id
           and (job.status = 'in_progress') <> exists (select from supaqueue.current_job where current_job.job = job.id)
       ) as unseated,
       (
         select count(*) from (
           select from supaqueue.job
           where job.queue = queue.id and queue.ordered = 'key' and job.status = 'in_progress'
           group by job.concurrency_key
           having count(*) > 1
         ) as lines
       ) as crowded,
       (
         select count(*) from supaqueue.job
         where job.queue = queue.id
           and not exists (select from supaqueue.unsettled where unsettled.job = job.id)
           and job.waits_for <> case when job.status = 'held' and job.waits_for > 0 then (
             select count(*) from supaqueue.job_dependency as edge where edge.target = job.id and edge.ended_as is null
           ) else 0 end
       ) as miscounted,
       (
         select count(*)
         from supaqueue.job_dependency as edge
         join supaqueue.job as source on source.id = edge.source
         where source.queue = queue.id
           and edge.ended_as is distinct from case when source.status > 'in_progress' then source.status end
           and not exists (select from supaqueue.unsettled where unsettled.job in (edge.source, edge.target))
       ) as unheard
     from supaqueue.queue
     where queue.id = $1`,
    values: [queue],
  })
  // A queue that was deleted has nothing left that could be wrong.
  if (!found) return undefined
  if (found.due > 0 && found.free > 0) return `lost wake-up: ${found.due} due, ${found.free} free, nobody awake`
  // The sweep looks for them, but may be late.
  if (found.planned > 0 && found.free > 0 && !runs.some(({ backAt }) => backAt)) {
    return `lost wake-up: ${found.planned} planned, ${found.free} free, nobody comes back`
  }
  if (found.ownerless > 0) return `lost wake-up: ${found.ownerless} paired, no run comes`
  if (found.mismarked > 0) return `${found.mismarked} workers are locked without a job, or free with one`
  if (found.shared > 0) return `${found.shared} workers have two calls`
  if (found.unseated > 0) return `${found.unseated} jobs are in progress without a worker, or have one without being so`
  if (found.crowded > 0) return `in ${found.crowded} lines two jobs run at once`
  if (found.miscounted > 0) return `${found.miscounted} jobs wait for sources that have ended, with no note of it`
  if (found.unheard > 0) return `${found.unheard} dependencies do not say how their source ended, with no note of it`
  return undefined
}

/** Whether a run has a token that is worth nothing. */
export async function callsInVain(harness: Harness, queue: string, runs: Run[]): Promise<boolean> {
  const valid = (await harness.currentJobs(queue)).map(({ id }) => id)
  return runs.some(({ holds }) => [...holds].some((token) => !valid.includes(token)))
}
