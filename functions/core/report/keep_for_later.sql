-- keep_for_later: functions answered that they will report by themselves.
--
-- writes     supaqueue.current_job
--
-- Their current jobs keep worker and token, at least for as long as the function
-- asked for. From now on they belong to no run, whatever becomes of the one that made
-- the call: their dispatcher is their own id, which no run has. Returns the
-- tokens that were found and held by nobody else.

create or replace function supaqueue_internal.keep_for_later(reports jsonb, queue uuid default null)
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  kept uuid[];
begin
  with held as (
    select current_job.id, entry.lease_ms, job.timeout_ms, current_job.queue
    from jsonb_to_recordset(keep_for_later.reports) as entry (token uuid, outcome text, lease_ms double precision)
    join supaqueue.current_job on current_job.id = entry.token
    join supaqueue.job on job.id = current_job.job
    where entry.outcome = 'later'
      and (keep_for_later.queue is null or current_job.queue = keep_for_later.queue)
    for no key update of current_job skip locked
  ),
  written as (
    update supaqueue.current_job
    set
      dispatcher = current_job.id,
      called = true,
      -- Never shortened: the function may have extended it already.
      lease_until = greatest(
        current_job.lease_until,
        at + least(
          greatest(coalesce(held.lease_ms, coalesce(held.timeout_ms, queue.timeout_ms) + 10000), 1000),
          coalesce(queue.max_lease_ms, case when queue.url is null then 86400000 else 3600000 end)
        ) * interval '1 millisecond'
      )
    from held
    join supaqueue.queue on queue.id = held.queue
    where current_job.id = held.id
    returning current_job.id
  )
  select coalesce(array_agg(written.id), '{}') into kept from written;
  return kept;
end;
$$;

comment on function supaqueue_internal.keep_for_later(jsonb, uuid) is 'Current jobs whose functions will report by themselves keep their workers and get a longer lease.';
