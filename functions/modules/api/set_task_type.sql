-- set_task_type: how many messages of a task type a second are begun; makes it if needed.
--
-- writes     supaqueue.queue, supaqueue.worker, supaqueue.rate_limit
--
-- May be called at any time: the rate holds from the next look on. Returns what
-- show_task_type does. Error: SQ422.

create or replace function supaqueue_internal.set_task_type(name text, max_rps double precision)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.open_task_type(set_task_type.name, '{}', true);
begin
  perform supaqueue.set_max_rps(target.id::text, set_task_type.max_rps);
  return supaqueue_internal.show_task_type(target.id::text);
end;
$$;

comment on function supaqueue_internal.set_task_type(text, double precision) is 'How many messages of a task type a second are begun.';
