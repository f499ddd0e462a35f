-- alert_overview: each alert rule, with what is wrong by it now and what was told last.
--
-- called by  users, the command alerts, the console
-- reads      supaqueue.alert_rule, supaqueue.alert
--
-- Returns an array: {"name", "kind", "queue", "threshold", "clear_below", "raise_after", "clear_after", "notify", "enabled", "state",
-- "told_at", "told_state", "told_text", "told_job", "troubles": [{"subject", "since", "raised_at", "well_since", "value",
-- "text"}]}. `state` is firing when somebody was told and it is not over; rising when it has not lasted long enough to
-- tell; off when the rule is not enabled; else well. `queue` null: each queue. Those that fire come first.

create or replace function supaqueue.alert_overview()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(to_jsonb(told) - 'place' order by told.place, told.name), '[]')
  from (
    select
      rule.name, rule.kind, watched.name as queue, rule.threshold, rule.clear_below, rule.raise_after, rule.clear_after, notified.name as notify,
      rule.enabled, rule.told_at, rule.told_state, rule.told_text, rule.told_job,
      case when not rule.enabled then 'off' when now.firing then 'firing' when now.troubles is not null then 'rising' else 'well' end as state,
      case when not rule.enabled then 3 when now.firing then 0 when now.troubles is not null then 1 else 2 end as place,
      coalesce(now.troubles, '[]') as troubles
    from supaqueue.alert_rule as rule
    join supaqueue.queue as notified on notified.id = rule.notify
    left join supaqueue.queue as watched on watched.id = rule.queue
    cross join lateral (
      select
        bool_or(alert.raised_at is not null) as firing,
        jsonb_agg(to_jsonb(alert) - 'rule' order by alert.raised_at nulls last, alert.subject) as troubles
      from (select * from supaqueue.alert where alert.rule = rule.id order by alert.raised_at, alert.subject limit 100) as alert
    ) as now
    order by rule.name
    limit 1000
  ) as told
$$;

comment on function supaqueue.alert_overview() is 'Lists the alert rules, which of them fire, and the last message of each.';
