-- count_due: how many jobs of a queue are due at a time, counted up to `most`.
--
-- called by  pair, answer, fall_asleep, ask_for_runs, is_forsaken, process_jobs
-- reads      supaqueue.job, supaqueue.circuit; locks nothing
--
-- Due is what may be begun: nothing while the circuit of the queue is open.

create or replace function supaqueue.count_due(queue uuid, at timestamptz, most integer default 1)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  allowed integer := supaqueue.allowance(count_due.queue, count_due.at, count_due.most);
begin
  return case
    when allowed > 0 then cardinality(supaqueue.due_jobs(count_due.queue, count_due.at, allowed))
    else 0
  end;
end;
$$;

comment on function supaqueue.count_due(uuid, timestamptz, integer) is 'How many jobs of a queue are due at a time, counted up to a limit.';
revoke execute on function supaqueue.count_due(uuid, timestamptz, integer) from public, anon, authenticated;
grant execute on function supaqueue.count_due(uuid, timestamptz, integer) to service_role;
