import type { Queue, QueuePage, Spark } from '../../../console/answers.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Source } from '../source.ts'
import { readSparks } from './sparks.ts'

const HOURS = 24

/** All there is to know of one queue, by its name. Throws a `SupaqueueError` when it is not there. */
export async function readQueue(source: Source, params: URLSearchParams): Promise<QueuePage> {
  const name = params.get('name') ?? ''
  const [[overview], [more], sparkOf] = await Promise.all([
    source.read<Omit<Queue, 'spark'>>(
      `select *, extract(epoch from empty_in)::float8 as empty_s from supaqueue.queue_overview where name = $1`,
      [name],
    ),
    source.read<Omit<QueuePage, 'queue' | 'day'> & { day: Day[] }>(MORE, [name]),
    readSparks(source),
  ])
  if (!overview || !more) {
    throw new SupaqueueError('SQ404', `there is no queue ${name}`, 'It was deleted, or has another name by now.')
  }
  return { ...more, queue: { ...overview, spark: sparkOf(overview.queue) }, day: hoursOf(more.day) }
}

type Day = { hour: number; ended: number; failed: number; backlog: number | null }

/** The last hours, the oldest first; what is not there was nothing, but for the backlog, which nobody may have counted. */
function hoursOf(rows: Day[]): Spark {
  const found = Array.from({ length: HOURS }, (_, place) => rows.find(({ hour }) => hour === HOURS - 1 - place))
  return {
    ended: found.map((row) => row?.ended ?? 0),
    failed: found.map((row) => row?.failed ?? 0),
    backlog: found.map((row) => row?.backlog ?? null),
  }
}

// Values of headers, secrets, and parameters of URLs stay where they are. The hours are summed up from minutes: the
// history keeps those of a day.
const MORE = `
  select
    to_jsonb(queue) - '{id,name,default_headers,signing_secrets,url,paused,paused_until,paused_reason}'::text[]
      || jsonb_build_object(
        'default_headers', (select coalesce(jsonb_agg(header), '[]') from jsonb_object_keys(queue.default_headers) as header),
        'signing_secrets', cardinality(queue.signing_secrets),
        'url', regexp_replace(queue.url, '[?#].*$', '?…')
      ) as settings,
    coalesce((
      select jsonb_agg(to_jsonb(slot) order by slot.hour)
      from (
        select floor(extract(epoch from statement_timestamp() - history.at) / 3600)::integer as hour,
          sum(succeeded + failed + retried + rescheduled + dropped) as ended, sum(failed + retried) as failed,
          max(history.backlog) as backlog
        from supaqueue.history
        where history.queue = queue.id and history.span = 'minute' and history.at > statement_timestamp() - interval '${HOURS} hours'
        group by 1
      ) as slot
    ), '[]') as day,
    coalesce((
      select jsonb_agg(to_jsonb(one))
      from (
        select worker.id, current_job.job, nullif(current_job.dispatcher, current_job.id) as run, current_job.begun_at,
          current_job.lease_until
        from supaqueue.worker
        left join supaqueue.current_job on current_job.worker = worker.id
        where worker.queue = queue.id
        order by worker.locked desc, current_job.begun_at, worker.id
        limit 50
      ) as one
    ), '[]') as workers,
    coalesce((
      select jsonb_agg(to_jsonb(one) order by one.kind, one.name)
      from (
        select 'schedule' as kind, schedule.name, schedule.cron as detail, schedule.enabled
        from supaqueue.schedule where schedule.queue = queue.id
        union all
        select 'hook', hook.name, format('%s of %I.%I', array_to_string(hook.events, ', '), hook.schema_name, hook.table_name), hook.enabled
        from supaqueue.hook where hook.queue = queue.id
        union all
        select 'subscription', subscription.pattern, case when subscription.filter is not null then 'where the payload has ' || left(subscription.filter::text, 200) end, true
        from supaqueue.subscription where subscription.queue = queue.id
        union all
        select 'access', door.role::text, 'may enqueue', true
        from supaqueue.door where door.queue = queue.id
        limit 200
      ) as one
    ), '[]') as feeds,
    (select to_jsonb(run) from (
      select heartbeat.run, heartbeat.awake_until, nullif(heartbeat.woken_at, '-infinity') as woken_at
      from supaqueue.heartbeat where heartbeat.queue = queue.id
    ) as run) as leader
  from supaqueue.queue
  where queue.name = $1`
