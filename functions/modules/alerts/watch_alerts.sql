-- watch_alerts: each alert rule is looked at, and somebody is told of what has become wrong, or well again.
--
-- reads      supaqueue.alert_rule, supaqueue.queue, and what alert_readings reads
-- writes     supaqueue.alert, and what tell_alert and put_aside write
--
-- One message when it has been above the threshold for raise_after, one when it has not been above clear_below for clear_after; in
-- between none, however often it comes and goes. A rule that cannot be looked at, or whose message cannot be enqueued, is set
-- aside, stops no other, and is looked at again by the next sweep. At most `most` rules; returns how many messages there were.
-- Without rules it reads one empty table.

create or replace function supaqueue_internal.watch_alerts(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  told integer := 0;
  here integer;
  rule supaqueue.alert_rule;
  readings jsonb;
  entry record;
begin
  for rule in
    select alert_rule.* from supaqueue.alert_rule join supaqueue.queue as home on home.id = alert_rule.notify
    where alert_rule.enabled order by alert_rule.name limit greatest(watch_alerts.most, 0)
    -- Whoever deletes the queue that is told waits for the rule, and the message would wait for them.
    for no key update of alert_rule skip locked for key share of home skip locked
  loop
    begin
      here := 0;
      readings := (select coalesce(jsonb_agg(to_jsonb(reading)), '[]') from supaqueue_internal.alert_readings(rule) as reading);
      for entry in
        select
          coalesce(known.subject, left(reading.subject, 500)) as subject,
          coalesce(reading.value > case when known.raised_at is null then rule.threshold else coalesce(rule.clear_below, rule.threshold) end, false) as wrong,
          least(greatest(reading.value, -1e300), 1e300) as value,
          coalesce(left(reading.text, 1000), known.text) as text,
          coalesce(known.since, reading.since, at) as since,
          known.rule is not null as known,
          known.raised_at,
          known.well_since
        from (select * from supaqueue.alert where alert.rule = rule.id) as known
        full join jsonb_to_recordset(readings) as reading (subject text, value double precision, text text, since timestamptz)
          on left(reading.subject, 500) = known.subject
        order by 1
      loop
        if entry.wrong then
          insert into supaqueue.alert (rule, subject, since, value, text)
          values (rule.id, entry.subject, entry.since, entry.value, entry.text)
          on conflict on constraint alert_pkey do update set value = excluded.value, text = excluded.text, well_since = null;
          if entry.raised_at is null and entry.since <= at - rule.raise_after then
            perform supaqueue_internal.tell_alert(rule, 'firing', entry.subject, entry.text, entry.value, entry.since);
            update supaqueue.alert set raised_at = at where alert.rule = rule.id and alert.subject = entry.subject;
            -- Or it would be told with every sweep.
            if not found then
              perform supaqueue_internal.refuse_unwritten('supaqueue.alert');
            end if;
            here := here + 1;
          end if;
        elsif not entry.known then
          continue;
        elsif entry.raised_at is null then
          delete from supaqueue.alert where alert.rule = rule.id and alert.subject = entry.subject;
        elsif coalesce(entry.well_since, at) <= at - rule.clear_after then
          perform supaqueue_internal.tell_alert(rule, 'resolved', entry.subject, entry.text, entry.value, entry.since);
          delete from supaqueue.alert where alert.rule = rule.id and alert.subject = entry.subject;
          if not found then
            perform supaqueue_internal.refuse_unwritten('supaqueue.alert');
          end if;
          here := here + 1;
        else
          update supaqueue.alert set well_since = coalesce(alert.well_since, at) where alert.rule = rule.id and alert.subject = entry.subject;
        end if;
      end loop;
      perform supaqueue_internal.fire_deferred('supaqueue.alert');
      told := told + here;
      delete from supaqueue.trouble where trouble.kind = 'alert' and trouble.subject = rule.id::text;
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside('alert', rule.id::text, sqlstate, format('the alert %s could not be looked at: %s', rule.name, sqlerrm), queue => rule.notify);
    end;
  end loop;
  return told;
end;
$$;

comment on function supaqueue_internal.watch_alerts(integer) is 'Looks at each alert rule, and tells of what has become wrong, or well again. Returns how many messages there were.';

insert into supaqueue.chore (name, place, routine) values ('alerts', 160, 'watch_alerts')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
