-- Alerts: what was told last, so that it is known after it is over. Locks the table of the rules for a moment.

alter table supaqueue.alert_rule
  add column told_at    timestamptz,
  add column told_state text,
  add column told_text  text,
  add column told_job   bigint,
  add constraint alert_rule_told_at_is_in_1900_to_9999
    check (told_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  add constraint alert_rule_told_state_is_known
    check (told_state in ('firing', 'resolved'));

comment on column supaqueue.alert_rule.told_at    is 'When somebody was last told. Written by the sweep, as are the others of told_.';
comment on column supaqueue.alert_rule.told_state is 'firing or resolved.';
comment on column supaqueue.alert_rule.told_job   is 'The job that carried it; it may be pruned by now.';
