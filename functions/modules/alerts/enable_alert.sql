-- enable_alert: switches an alert rule on, or off.
--
-- called by  users
-- writes     supaqueue.alert_rule
--
-- A rule that is off tells nobody. Returns the rule's id.
--
-- Errors: SQ404 no such rule, SQ422 neither on nor off.

create or replace function supaqueue.enable_alert(name text, enabled boolean default true)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  changed uuid;
begin
  if enable_alert.enabled is null then
    raise exception using
      errcode = 'SQ422',
      message = 'an alert rule is on or off, not null',
      hint = 'Nothing was changed. Pass true or false, or leave it out to switch the rule on.';
  end if;
  update supaqueue.alert_rule set enabled = enable_alert.enabled
  where alert_rule.name = enable_alert.name
  returning alert_rule.id into changed;
  if changed is null then
    perform supaqueue_internal.refuse_alert(enable_alert.name);
  end if;
  return changed;
end;
$$;

comment on function supaqueue.enable_alert(text, boolean) is 'Switches an alert rule on, or off. Returns its id.';
