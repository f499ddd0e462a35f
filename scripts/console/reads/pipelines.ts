import type { Graph, GraphJob, Pipelines } from '../../../console/answers.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Source } from '../source.ts'

const SHOWN = 30
// More would be a picture of nothing.
const IN_GRAPH = 80

/** The newest pipelines, each by the job it ends with, and the newest batches. */
export async function readPipelines(source: Source): Promise<Pipelines> {
  const [endings, batches] = await Promise.all([
    source.read<Pipelines['endings'][number]>(`
      select job.id as job, queue.name as queue_name, job.status, job.waits_for,
        (
          select count(*) from (
            select from supaqueue.job_dependency where job_dependency.target = job.id limit 10000
          ) as counted
        ) as sources
      from (
        select distinct newest.target
        from (select target from supaqueue.job_dependency order by target desc limit 5000) as newest
      ) as waiting
      join supaqueue.job on job.id = waiting.target and not job.has_targets
      join supaqueue.queue on queue.id = job.queue
      order by waiting.target + 0 desc
      limit ${SHOWN}`),
    source.read<Pipelines['batches'][number]>(`
      select batch.id, batch.label, batch.created_at, queue.name as queue_name, coalesce((
        select jsonb_object_agg(tally.status, tally.jobs)
        from (
          select counted.status, count(*) as jobs
          from (select job.status from supaqueue.job where job.batch = batch.id limit 10000) as counted
          group by counted.status
        ) as tally
      ), '{}') as jobs
      from (select * from supaqueue.batch order by created_at desc limit ${SHOWN}) as batch
      join supaqueue.queue on queue.id = batch.queue
      order by batch.created_at desc`),
  ])
  return { endings, batches }
}

/** The jobs that a job waits for and that wait for it, in any number of steps. Throws a `SupaqueueError`. */
export async function readGraph(source: Source, params: URLSearchParams): Promise<Graph> {
  const job = params.get('job') ?? ''
  const near = /^\d{1,18}$/.test(job) ? (await source.read<{ job: number }>(NEAR, [job])).map(({ job }) => job) : []
  const ids = near.slice(0, IN_GRAPH)
  const [jobs, edges] = await Promise.all([
    source.read<GraphJob>(
      `select job.id as job, queue.name as queue_name, job.status, job.progress_percent
       from supaqueue.job join supaqueue.queue on queue.id = job.queue
       where job.id = any ($1::bigint[]) order by job.id`,
      [ids],
    ),
    source.read<Graph['edges'][number]>(
      `select source, target from supaqueue.job_dependency
       where target = any ($1::bigint[]) and source = any ($1::bigint[]) order by source, target`,
      [ids],
    ),
  ])
  if (jobs.length > 0) return { jobs, edges, all: near.length <= IN_GRAPH }
  throw new SupaqueueError('SQ404', `there is no job ${job}`, 'It was deleted, or pruned after its time.')
}

// Step by step away from the job, and no further than is shown: the limit ends the recursion.
const NEAR = `
  with recursive near (job) as (
    select $1::bigint
    union
    select step.job
    from near
    cross join lateral (
      (select source as job from supaqueue.job_dependency where target = near.job order by source + 0 limit ${
  IN_GRAPH + 1
})
      union all
      (select target as job from supaqueue.job_dependency where source = near.job order by target limit ${IN_GRAPH + 1})
    ) as step
  )
  select job from near limit ${IN_GRAPH + 1}`
