-- What looks at a row before it is written begins with check. Drops a trigger on supaqueue.alert_rule, which
-- the same transaction makes again: a lock for a moment, however large the table is.

drop trigger if exists on_alert_rule_written on supaqueue.alert_rule;

drop function if exists supaqueue_internal.on_alert_rule_written();
