-- notify_process: tell a process that stays that a queue has work.
--
-- False: the core knows of none.

create or replace function supaqueue_internal.notify_process(queue uuid)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return false;
end;
$$;

comment on function supaqueue_internal.notify_process(uuid) is 'Tells a process that stays that a queue has work. Returns whether there is one.';
