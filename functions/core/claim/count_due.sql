-- count_due: how many jobs of a queue are due at a time, counted up to `most`.
--
-- called by  claim, ensure_run, fall_asleep, ask_for_runs, needs_run, process_jobs
-- reads      supaqueue.queue, supaqueue.job, and what allowance reads; locks nothing
--
-- Due is what may be begun: nothing while the circuit of the queue is open, and no
-- more than its limits allow.

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
  return case
    when gate.allowed > 0 then
      cardinality(supaqueue_internal.due_jobs(count_due.queue, count_due.at, gate.allowed, per_key => gate.per_key))
    else 0
  end;
end;
$$;

comment on function supaqueue_internal.count_due(uuid, timestamptz, integer) is 'How many jobs of a queue are due at a time, counted up to a limit.';
revoke execute on function supaqueue_internal.count_due(uuid, timestamptz, integer) from public, anon, authenticated;
grant execute on function supaqueue_internal.count_due(uuid, timestamptz, integer) to service_role;
