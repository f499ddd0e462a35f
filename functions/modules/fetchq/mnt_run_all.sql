-- mnt_run_all: look for documents whose time to be answered is over.
--
-- called by  users; supaqueue.sweep does the same every ten seconds where pg_cron is there
-- writes     what supaqueue.sweep writes; supaqueue.attempt
--
-- At most `par_limit` per queue. One row per queue that documents are picked from:
--   activated_count    always 0: a planned document can be picked from its time on
--   rescheduled_count  how many are pending again
--   killed_count       how many had no attempt left
-- Logs whose retention is over go, too.

create or replace function fetchq.mnt_run_all(par_limit integer)
returns table (queue varchar, activated_count integer, rescheduled_count integer, killed_count integer)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  expired bigint[];
  lost jsonb;
  freed uuid[];
  unsettled uuid[];
begin
  -- What the sweep does with leases that ran out, with a limit for each queue.
  select
    coalesce(array_agg(overdue.job), '{}'),
    coalesce(jsonb_agg(jsonb_build_object(
      'token', overdue.id, 'queue', place.id, 'outcome', 'unknown', 'error', 'the document was not answered in time'
    )), '[]')
  into expired, lost
  from supaqueue.queue as place
  cross join lateral (
    select current_job.id, current_job.job
    from supaqueue.current_job
    where current_job.queue = place.id and current_job.lease_until < clock_timestamp()
    order by current_job.lease_until
    limit greatest(par_limit, 0)
    for update skip locked
  ) as overdue
  where place.mode = 'pull';
  if expired <> '{}' then
    select outcome.freed, outcome.again || outcome.stale into freed, unsettled from supaqueue_internal.report_safely(lost, tries => 1) as outcome;
    perform supaqueue_internal.note_counts(entry.queue, leases_lost => count(*)::integer)
    from jsonb_to_recordset(lost) as entry (token uuid, queue uuid)
    where entry.token <> all (unsettled)
    group by entry.queue;
    perform supaqueue_internal.free_workers(freed);
  end if;
  -- The rest of what it does: pauses that are over.
  perform supaqueue.sweep(0);
  perform fetchq.queue_drop_logs(place.name) from supaqueue.queue as place where place.mode = 'pull';

  return query
  select
    place.name::varchar, 0,
    (count(*) filter (where job.status = 'pending'))::integer,
    (count(*) filter (where job.status = 'failed'))::integer
  from supaqueue.queue as place
  left join supaqueue.job on job.queue = place.id and job.id = any (expired)
  where place.mode = 'pull'
  group by place.name
  order by place.name;
end;
$$;

comment on function fetchq.mnt_run_all(integer) is 'Takes back documents whose time to be answered is over, queue by queue.';
revoke execute on function fetchq.mnt_run_all(integer) from public, anon, authenticated;
grant execute on function fetchq.mnt_run_all(integer) to service_role;
