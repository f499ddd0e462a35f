-- due_calls: which jobs of a queue with batches come next, and which of them go into one call.
--
-- Each by itself: in the core a call brings one job.

create or replace function supaqueue_internal.due_calls(
  queue supaqueue.queue, at timestamptz, calls integer, jobs integer, locking boolean default false,
  per_key integer default null, version integer default null
)
returns table (job bigint, call integer, place integer)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select due.id, due.turn::integer, 0
  from unnest(supaqueue_internal.due_jobs(
    (due_calls.queue).id, due_calls.at, least(due_calls.calls, due_calls.jobs), due_calls.locking, due_calls.per_key, due_calls.version
  )) with ordinality as due (id, turn);
end;
$$;

comment on function supaqueue_internal.due_calls(supaqueue.queue, timestamptz, integer, integer, boolean, integer, integer) is 'Which jobs of a queue with batches come next, and which of them go into one call.';
