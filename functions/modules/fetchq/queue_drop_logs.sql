-- queue_drop_logs: forget what went wrong with documents once its retention is over.
--
-- called by  users
-- writes     supaqueue.attempt, supaqueue.fetchq_option
--
-- Looks at 10000 logs of all queues at a time, oldest first, and goes on from there the next time. Returns how many
-- were deleted; 0 when the queue is not there, or has no retention.

create or replace function fetchq.queue_drop_logs(par_queue varchar, out affected_rows integer)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  held supaqueue.fetchq_option;
  seen bigint;
begin
  affected_rows := 0;
  -- Somebody else is at it.
  select * into held from supaqueue.fetchq_option
  where fetchq_option.queue = fetchq.queue_of(par_queue) and fetchq_option.logs_retention is not null
  for no key update skip locked;
  if held.queue is null then
    return;
  end if;

  select max(over.id) into seen
  from (
    select attempt.id from supaqueue.attempt
    where attempt.id > held.logs_seen and attempt.ended_at < now() - held.logs_retention
    order by attempt.id
    limit 10000
  ) as over;
  if seen is null then
    return;
  end if;

  delete from supaqueue.attempt
  using supaqueue.job
  where attempt.id > held.logs_seen and attempt.id <= seen
    and attempt.ended_at < now() - held.logs_retention
    and job.id = attempt.job and job.queue = held.queue;
  get diagnostics affected_rows := row_count;
  update supaqueue.fetchq_option set logs_seen = seen where fetchq_option.queue = held.queue;
end;
$$;

comment on function fetchq.queue_drop_logs(varchar) is 'Forgets what went wrong with documents of a queue once its retention is over.';
revoke execute on function fetchq.queue_drop_logs(varchar) from public, anon, authenticated;
grant execute on function fetchq.queue_drop_logs(varchar) to service_role;
