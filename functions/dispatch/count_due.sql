-- count_due: how many jobs of a queue are due at a time, counted up to `most`.
--
-- called by  pair, answer, fall_asleep, ask_for_runs, is_forsaken, process_jobs
-- reads      supaqueue.job; locks nothing

create or replace function supaqueue.count_due(queue uuid, at timestamptz, most integer default 1)
returns integer
language plpgsql
set search_path = ''
as $$
begin
  return cardinality(supaqueue.due_jobs(count_due.queue, count_due.at, count_due.most));
end;
$$;

comment on function supaqueue.count_due(uuid, timestamptz, integer) is 'How many jobs of a queue are due at a time, counted up to a limit.';
revoke execute on function supaqueue.count_due(uuid, timestamptz, integer) from public, anon, authenticated;
grant execute on function supaqueue.count_due(uuid, timestamptz, integer) to service_role;
