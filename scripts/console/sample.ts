import { Client } from '../cli/connection/client.ts'

/**
 * Fills a database that has no queue with some to look at: one that works, one that is paused, one whose target turned
 * calls away, a pipeline, a batch, schedules, and failures of three kinds. `databaseUrl` is that of supaqueue's owner.
 */
export async function fillWithSample(databaseUrl: string): Promise<void> {
  const db = new Client({ connectionString: databaseUrl })
  await db.connect()
  try {
    await db.query(`begin; ${SAMPLE.join(';')}; commit`)
  } finally {
    await db.end()
  }
}

// Jobs that have ended, one every so many seconds of the last hour; every so many failed, of one of some reasons.
const ended = (queue: string, seconds: number, failsEvery: number, callMs: number, reasons: string[]) => `
  with past as (
    insert into supaqueue.job (queue, payload, status, attempts, call_ms, error)
    select queue.id, jsonb_build_object('user', 1000 + n * 37 % 900), ending.status::supaqueue.job_status,
      case ending.status when 'failed' then 3 else 1 end, ${callMs} * (0.6 + random()),
      case ending.status when 'failed' then
        replace((array[${
  reasons.map((reason) => `'${reason}'`)
}])[1 + (n / ${failsEvery}) % ${reasons.length}], '#', (n * 37)::text) end
    from supaqueue.queue
    cross join generate_series(1, 3600 / ${seconds}) as n
    cross join lateral (select case when n % ${failsEvery} = 0 then 'failed' else 'success' end as status) as ending
    where queue.name = '${queue}'
    returning id, status, error, call_ms
  )
  insert into supaqueue.attempt (job, attempt, outcome, begun_at, ended_at, ms, status, error, run)
  select past.id, try, 'failed', now(), now(), past.call_ms, 500, past.error, gen_random_uuid()
  from past cross join generate_series(1, 3) as try
  where past.status = 'failed';
  update supaqueue.job
  set finished_at = now() - (place.back * ${seconds} + random() * ${seconds}) * interval '1 second',
    created_at = now() - (place.back * ${seconds} + ${seconds} + 20) * interval '1 second'
  from (
    select job.id, row_number() over (order by job.id desc) - 1 as back
    from supaqueue.job join supaqueue.queue on queue.id = job.queue
    where queue.name = '${queue}' and job.status in ('success', 'failed')
  ) as place
  where job.id = place.id;
  update supaqueue.attempt
  set ended_at = job.finished_at - (3 - attempt.attempt) * interval '4 seconds',
    begun_at = job.finished_at - (3 - attempt.attempt) * interval '4 seconds' - attempt.ms * interval '1 millisecond'
  from supaqueue.job join supaqueue.queue on queue.id = job.queue
  where job.id = attempt.job and queue.name = '${queue}'`

const SAMPLE = [
  `insert into supaqueue.queue (name, edge_function_name) values
     ('emails', 'hello'), ('imports', 'import-rows'), ('payments', 'await-payment'), ('reports', 'render-report')`,
  `insert into supaqueue.worker (queue)
   select queue.id from supaqueue.queue
   cross join lateral generate_series(1, case queue.name when 'emails' then 8 when 'reports' then 2 else 4 end)`,
  ended('emails', 9, 23, 180, ['no mailbox for user #', 'the provider answered 503']),
  ended('imports', 40, 11, 2400, ['row # has no date']),
  ended('payments', 60, 1000, 900, ['the bank is closed']),
  // What the sweep would have written down meanwhile.
  `insert into supaqueue.history (queue, span, at, succeeded, failed, retried, calls)
   select job.queue, span.name, date_trunc(span.name, job.finished_at), count(*) filter (where job.status = 'success'),
     count(*) filter (where job.status = 'failed'), count(*) filter (where job.status = 'failed') * 2,
     jsonb_build_object(supaqueue_internal.latency_step(avg(job.call_ms)), count(*))
   from supaqueue.job cross join unnest('{minute,hour}'::text[]) as span (name)
   where job.status in ('success', 'failed') group by job.queue, span.name, date_trunc(span.name, job.finished_at)`,
  `select supaqueue.set_max_rps('reports', 0.5)`,
  `select supaqueue.pause('imports', now() + interval '3 hours', 'the warehouse is being moved')`,
  `insert into supaqueue.job (queue, payload, priority)
   select queue.id, jsonb_build_object('file', 'orders-' || n || '.csv'), n % 3
   from supaqueue.queue cross join generate_series(1, 48) as n where queue.name = 'imports'`,
  `insert into supaqueue.circuit (target, failures, openings, opened_at, open_until, reason)
   select supaqueue_internal.target_of(queue), 7, 3, now() - interval '4 minutes', now() + interval '10 minutes',
     '429 Too Many Requests'
   from supaqueue.queue where queue.name = 'payments'`,
  `insert into supaqueue.job (queue, payload)
   select queue.id, jsonb_build_object('invoice', 4000 + n) from supaqueue.queue cross join generate_series(1, 12) as n
   where queue.name = 'payments'`,
  `insert into supaqueue.job (queue, payload, run_at)
   select queue.id, jsonb_build_object('user', 1000 + n), now() + n * interval '20 seconds'
   from supaqueue.queue cross join generate_series(1, 150) as n where queue.name = 'emails'`,
  `insert into supaqueue.schedule (name, queue, cron, time_zone, payload)
   select 'morning report', id, '30 8 * * mon-fri', 'Europe/Berlin', '{"report": "daily"}'
   from supaqueue.queue where name = 'reports'`,
  `insert into supaqueue.schedule (name, queue, cron, payload)
   select 'tidy up', id, '@hourly', '{"report": "tidy"}' from supaqueue.queue where name = 'reports'`,
  `insert into supaqueue.batch (queue, label) select id, 'night import' from supaqueue.queue where name = 'imports'`,
  `update supaqueue.job set batch = batch.id
   from supaqueue.batch where batch.label = 'night import' and job.queue = batch.queue`,
  `with
   parts as (
     select array_agg(job.id order by job.id) as ids
     from (
       select job.id from supaqueue.job join supaqueue.queue on queue.id = job.queue
       where queue.name = 'imports' and job.status = 'pending' order by job.id limit 5
     ) as job
   ),
   merge as (
     insert into supaqueue.job (queue, payload, status)
     select id, '{"report": "orders"}', 'held' from supaqueue.queue where name = 'reports' returning id
   )
   select supaqueue.depend(merge.id, parts.ids) from merge cross join parts`,
]
