-- delete_alert: takes an alert rule away, and what is wrong by it at the moment.
--
-- called by  users
-- writes     supaqueue.alert_rule, supaqueue.alert
--
-- Errors: SQ404 no such rule.

create or replace function supaqueue.delete_alert(name text)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  deleted uuid;
begin
  delete from supaqueue.alert_rule where alert_rule.name = delete_alert.name returning alert_rule.id into deleted;
  if deleted is null then
    perform supaqueue_internal.refuse_alert(delete_alert.name);
  end if;
  return deleted;
end;
$$;

comment on function supaqueue.delete_alert(text) is 'Deletes an alert rule. Returns its id.';
