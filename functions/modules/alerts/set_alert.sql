-- set_alert: makes an alert rule, or replaces the one of the same name.
--
-- called by  users
-- writes     supaqueue.alert_rule
--
-- `notify` is the queue that is told, by name or id; `queue` the one that is watched, or null for each of them.
-- docs/operate/alerts.md has the kinds, and what their thresholds count. Returns the rule's id.
--
-- Errors: SQ404 no such queue, SQ422 a kind, threshold or wait that is not valid.

create or replace function supaqueue.set_alert(
  name text, kind text, threshold double precision, notify text, queue text default null,
  clear_below double precision default null, raise_after interval default '1 minute', clear_after interval default '5 minutes'
)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  told constant uuid := (supaqueue_internal.find_queue(set_alert.notify)).id;
  watched constant uuid := case when set_alert.queue is not null then (supaqueue_internal.find_queue(set_alert.queue)).id end;
  made uuid;
begin
  insert into supaqueue.alert_rule as known (name, kind, threshold, notify, queue, clear_below, raise_after, clear_after)
  values (
    set_alert.name, set_alert.kind, set_alert.threshold, told, watched, set_alert.clear_below,
    coalesce(set_alert.raise_after, '1 minute'), coalesce(set_alert.clear_after, '5 minutes')
  )
  on conflict on constraint alert_rule_name_is_unique do update
  set
    kind = excluded.kind, threshold = excluded.threshold, notify = excluded.notify, queue = excluded.queue,
    clear_below = excluded.clear_below, raise_after = excluded.raise_after, clear_after = excluded.clear_after, enabled = true
  returning known.id into made;
  return made;
exception when check_violation or not_null_violation then
  raise exception using
    errcode = 'SQ422',
    message = format('%s above %s is not a valid alert rule', quote_nullable(set_alert.kind), coalesce(set_alert.threshold::text, 'null')),
    hint = 'Nothing was changed. Kinds are backlog_older_than, error_rate_above, failed_more_than, circuit_open, dispatch_refused and sweep_silent; threshold and clear_below are not below 0, clear_below is not above the threshold, and waits are a day at most.';
end;
$$;

comment on function supaqueue.set_alert(text, text, double precision, text, text, double precision, interval, interval) is 'Makes an alert rule, or replaces the one of the same name. Returns its id.';
