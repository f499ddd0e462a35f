-- count_due: how many calls of a queue are due at a time, counted up to `most`: its jobs, or its batches.
--
-- called by  claim, ensure_run, fall_asleep, ask_for_runs, needs_run, process_jobs
-- reads      supaqueue.queue, supaqueue.job, and what allowance reads; locks nothing
--
-- Due is what may be begun: no more than its limits allow, and no batch that still fills.

create or replace function supaqueue_internal.count_due(queue uuid, at timestamptz, most integer default 1)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target supaqueue.queue;
  gate record;
begin
  select * into target from supaqueue.queue where queue.id = count_due.queue;
  gate := supaqueue_internal.allowance(target, count_due.at, count_due.most);
  if target.batch_size > 1 and gate.allowed > 0 then
    return coalesce((
      select max(due.call)
      from supaqueue_internal.due_calls(
        target, count_due.at, gate.allowed, least(gate.allowed * target.batch_size::bigint, 1000000)::integer, per_key => gate.per_key
      ) as due
    ), 0);
  end if;
  return case
    when gate.allowed > 0 then
      cardinality(supaqueue_internal.due_jobs(count_due.queue, count_due.at, gate.allowed, per_key => gate.per_key))
    else 0
  end;
end;
$$;

comment on function supaqueue_internal.count_due(uuid, timestamptz, integer) is 'How many calls of a queue are due at a time, counted up to a limit.';
