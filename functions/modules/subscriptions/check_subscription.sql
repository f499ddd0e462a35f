-- check_subscription: a subscription keeps no filter that would unfold.
--
-- called by  the trigger, where there is something to refuse
--
-- Whoever writes by a function was told before; this is for those who write by hand. Error: SQ422.

create or replace function supaqueue_internal.check_subscription()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform supaqueue_internal.assert_json('the filter', new.filter);
  return new;
end;
$$;

comment on function supaqueue_internal.check_subscription() is 'Refuses filters of subscriptions that would unfold.';

drop trigger if exists on_subscription_written on supaqueue.subscription;
create trigger on_subscription_written
  before insert or update of filter on supaqueue.subscription
  for each row
  when (supaqueue_internal.json_fault(new.filter) is not null)
  execute function supaqueue_internal.check_subscription();
