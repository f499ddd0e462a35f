-- show_task_type: a queue as the HTTP API shows it: its name and its rate.
--
-- reads      supaqueue.queue, supaqueue.rate_limit
--
-- Returns {task_type, max_rps, created_at, updated_at}; max_rps is null when the queue has
-- no rate limit. Error: SQ404.

create or replace function supaqueue_internal.show_task_type(name text)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(show_task_type.name);
  rate supaqueue.rate_limit;
begin
  select * into rate from supaqueue.rate_limit where rate_limit.name = target.rate_limit;
  return jsonb_build_object(
    'task_type', target.name,
    'max_rps', rate.max_rps,
    'created_at', target.created_at,
    'updated_at', greatest(rate.updated_at, target.created_at)
  );
end;
$$;

comment on function supaqueue_internal.show_task_type(text) is 'A queue as the HTTP API shows it: its name and its rate.';
