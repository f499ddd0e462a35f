import type { Schedules } from '../../../console/answers.ts'
import type { Source } from '../source.ts'

/** The schedules, those that come next first. */
export const readSchedules = async (source: Source): Promise<Schedules> => ({
  schedules: await source.read(`
    select schedule.id, schedule.name, queue.name as queue_name, schedule.cron, schedule.time_zone,
      supaqueue_internal.excerpt(schedule.payload) as payload,
      case when pg_column_size(schedule.payload) < 20000 then schedule.payload::text end as full_payload, schedule.catch_up, schedule.overlap, schedule.enabled,
      schedule.next_at, schedule.last_at, schedule.last_job,
      (select job.status from supaqueue.job where job.id = schedule.last_job) as last_status
    from supaqueue.schedule join supaqueue.queue on queue.id = schedule.queue
    order by schedule.enabled desc, schedule.next_at, schedule.name
    limit 500`),
})
