-- check_step: a step keeps no result that would unfold.
--
-- called by  the trigger, where there is something to refuse
--
-- Whoever writes by a function was told before; this is for those who write by hand. Error: SQ422.

create or replace function supaqueue_internal.check_step()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform supaqueue_internal.assert_json('the result of the step', new.result);
  perform supaqueue_internal.assert_json('the list of tries', new.tries);
  return new;
end;
$$;

comment on function supaqueue_internal.check_step() is 'Refuses results of steps that would unfold.';

drop trigger if exists on_step_written on supaqueue.step;
create trigger on_step_written
  before insert or update of result, tries on supaqueue.step
  for each row
  when (supaqueue_internal.json_fault(new.result) is not null or supaqueue_internal.json_fault(new.tries) is not null)
  execute function supaqueue_internal.check_step();
