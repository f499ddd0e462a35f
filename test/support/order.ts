import type pg from 'pg'

/** What holds of a database that is in order: each gives the rows for which it does not. */
export const invariants: Record<string, string> = {
  'a job in progress has a current job, or its report is kept': `
    select id from supaqueue.job where status = 'in_progress'
      and exists (select from supaqueue.queue where queue.id = job.queue)
      and not exists (select from supaqueue.current_job where current_job.job = job.id)
      and not exists (select from supaqueue.trouble where trouble.kind = 'report' and trouble.job = job.id)`,
  'a current job has a job in progress, of its queue': `
    select current_job.id from supaqueue.current_job left join supaqueue.job on job.id = current_job.job
    where job.id is null or job.status <> 'in_progress' or job.queue <> current_job.queue`,
  'a current job has a worker of its queue, or none': `
    select current_job.id from supaqueue.current_job left join supaqueue.worker on worker.id = current_job.worker
    where current_job.worker is not null and (worker.id is null or worker.queue <> current_job.queue)`,
  'a worker is locked when it has a current job, and only then': `
    select id from supaqueue.worker
    where locked <> exists (select from supaqueue.current_job where current_job.worker = worker.id)`,
  'a worker, a heartbeat and a lock of keys have a queue': `
    select queue from supaqueue.worker where not exists (select from supaqueue.queue where queue.id = worker.queue)
    union all select queue from supaqueue.heartbeat where not exists (select from supaqueue.queue where queue.id = heartbeat.queue)
    union all select queue from supaqueue.key_lock where not exists (select from supaqueue.queue where queue.id = key_lock.queue)`,
  'a queue has a heartbeat, a lock of its keys and counters': `
    select id from supaqueue.queue
    where not exists (select from supaqueue.heartbeat where heartbeat.queue = queue.id)
      or not exists (select from supaqueue.key_lock where key_lock.queue = queue.id)
      or not exists (select from supaqueue.counter where counter.queue = queue.id)`,
  'a job whose queue is gone is named': `
    select id from supaqueue.job
    where not exists (select from supaqueue.queue where queue.id = job.queue)
      and not exists (select from supaqueue.trouble where trouble.kind = 'queues' and trouble.queue = job.queue)`,
  'a dependency has both its jobs, and says how its source ended': `
    select edge.source from supaqueue.job_dependency as edge
    left join supaqueue.job as source on source.id = edge.source
    left join supaqueue.job as target on target.id = edge.target
    where source.id is null or target.id is null
      or edge.ended_as is distinct from case when source.status > 'in_progress' then source.status end`,
  'a job is held by its sources only while some have not ended': `
    select id from supaqueue.job where status = 'held' and waits_for > 0 and not exists (
      select from supaqueue.job_dependency as edge where edge.target = job.id and edge.ended_as is null
    )`,
  'a schedule says when it comes next': `
    select id from supaqueue.schedule where enabled and next_at is null
      and exists (select from supaqueue.queue where queue.id = schedule.queue)`,
  'a job that has ended says when': `
    select id from supaqueue.job where status in ('success', 'failed', 'cancelled') and finished_at is null
      and exists (select from supaqueue.queue where queue.id = job.queue)`,
  'the next id is free': `
    select max(id) from supaqueue.job having max(id) > coalesce(pg_sequence_last_value('supaqueue.job_id_seq'), 0)`,
  'how far jobs were counted is known': `select 1 where not exists (select from supaqueue.last_count)`,
}

/** What is not in order: the names of what does not hold. */
export async function disorder(admin: pg.Client): Promise<string[]> {
  const broken: string[] = []
  for (const [name, sql] of Object.entries(invariants)) {
    if ((await admin.query(sql)).rows.length > 0) broken.push(name)
  }
  return broken
}
