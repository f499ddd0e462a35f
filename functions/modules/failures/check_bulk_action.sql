-- check_bulk_action: what was done to many jobs keeps nothing that would unfold.
--
-- called by  the trigger, where there is something to refuse
--
-- Whoever writes by a function was told before; this is for those who write by hand. Error: SQ422.

create or replace function supaqueue_internal.check_bulk_action()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform supaqueue_internal.assert_json('the filter', new.filter);
  perform supaqueue_internal.assert_json('the list of what jobs had', new.before);
  return new;
end;
$$;

comment on function supaqueue_internal.check_bulk_action() is 'Refuses filters and states of bulk actions that would unfold.';

drop trigger if exists on_bulk_action_written on supaqueue.bulk_action;
create trigger on_bulk_action_written
  before insert or update of filter, before on supaqueue.bulk_action
  for each row
  when (supaqueue_internal.json_fault(new.filter) is not null or supaqueue_internal.json_fault(new.before) is not null)
  execute function supaqueue_internal.check_bulk_action();
