-- Every column of alerts says what it holds. A comment locks no table against reads and writes.

comment on table  supaqueue.alert_rule             is 'What to watch, and which queue gets a message when it stays wrong.';
comment on column supaqueue.alert_rule.id          is 'Set by the database.';
comment on column supaqueue.alert_rule.created_at  is 'When the rule was made.';
comment on column supaqueue.alert_rule.name        is 'Unique.';
comment on column supaqueue.alert_rule.kind        is 'What to watch. docs/operate/alerts.md lists the kinds.';
comment on column supaqueue.alert_rule.queue       is 'The queue to watch. Null: each queue by itself.';
comment on column supaqueue.alert_rule.threshold   is 'The limit: seconds, a share from 0 to 1, or a number of jobs. A higher value is a problem.';
comment on column supaqueue.alert_rule.clear_below is 'Once somebody was told, the problem is over when the value is no higher than this. Null: the threshold.';
comment on column supaqueue.alert_rule.raise_after is 'How long the problem must last before somebody is told.';
comment on column supaqueue.alert_rule.clear_after is 'How long all must be well before the problem is over.';
comment on column supaqueue.alert_rule.notify      is 'The queue that gets the message, as a job.';
comment on column supaqueue.alert_rule.enabled     is 'While false, the rule is not checked.';
comment on column supaqueue.alert_rule.told_at     is 'When a message was last sent. The sweep writes this, and the other columns that start with told_.';
comment on column supaqueue.alert_rule.told_state  is 'What the last message said: firing or resolved.';
comment on column supaqueue.alert_rule.told_text   is 'The text of the last message.';
comment on column supaqueue.alert_rule.told_job    is 'The job of the last message. It may be pruned.';

comment on table  supaqueue.alert            is 'Problems that rules see at the moment. The sweep writes it.';
comment on column supaqueue.alert.rule       is 'The rule.';
comment on column supaqueue.alert.subject    is 'The name of the queue or target; or dispatch, or sweep.';
comment on column supaqueue.alert.since      is 'Since when there is a problem.';
comment on column supaqueue.alert.raised_at  is 'When somebody was told. Null: it has not lasted long enough.';
comment on column supaqueue.alert.well_since is 'Since when all is well again. Null: it is not.';
comment on column supaqueue.alert.value      is 'The value that was read last.';
comment on column supaqueue.alert.text       is 'What the message says.';
