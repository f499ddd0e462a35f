-- check_alert_rule: nulls of a new alert rule take the defaults of their columns, as the Data API writes them for keys that are missing.

create or replace function supaqueue_internal.check_alert_rule()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new.id := coalesce(new.id, gen_random_uuid());
  new.created_at := coalesce(new.created_at, now());
  new.raise_after := coalesce(new.raise_after, '1 minute');
  new.clear_after := coalesce(new.clear_after, '5 minutes');
  new.enabled := coalesce(new.enabled, true);
  return new;
end;
$$;

comment on function supaqueue_internal.check_alert_rule() is 'Gives nulls of a new alert rule the defaults of their columns.';

drop trigger if exists on_alert_rule_written on supaqueue.alert_rule;
create trigger on_alert_rule_written
  before insert on supaqueue.alert_rule
  for each row
  execute function supaqueue_internal.check_alert_rule();
