-- check_history: a row of history keeps nothing that would unfold.
--
-- called by  the trigger, where there is something to refuse
--
-- Whoever writes by a function was told before; this is for those who write by hand. Error: SQ422.

create or replace function supaqueue_internal.check_history()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform supaqueue_internal.assert_json('the list of calls', new.calls);
  return new;
end;
$$;

comment on function supaqueue_internal.check_history() is 'Refuses calls of the history that would unfold.';

drop trigger if exists on_history_written on supaqueue.history;
create trigger on_history_written
  before insert or update of calls on supaqueue.history
  for each row
  when (supaqueue_internal.json_fault(new.calls) is not null)
  execute function supaqueue_internal.check_history();
