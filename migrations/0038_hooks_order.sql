-- Jobs of a hook in the order of their changes, one waiting for each row, and later than the change. Adds four columns
-- without a default: the lock is short.

alter table supaqueue.hook
  add column ordered   text,
  add column coalesces text,
  add column delay     interval,
  add column max_wait  interval,
  add constraint hook_ordered_is_key
    check (ordered = 'key'),
  add constraint hook_coalesces_is_key
    check (coalesces = 'key'),
  add constraint hook_delay_and_max_wait_are_at_most_365_days
    check (delay > interval '0' and delay <= interval '365 days' and max_wait >= delay and max_wait <= interval '365 days'),
  add constraint hook_max_wait_is_of_changes_that_coalesce
    check (max_wait is null or delay is not null and coalesces is not null);

comment on column supaqueue.hook.ordered   is 'key: jobs of one row are a line, in which the next begins when the one before has ended. Null: they pass each other.';
comment on column supaqueue.hook.coalesces is 'key: of one row, one job waits, and takes in what changes meanwhile. Null: each change is a job.';
comment on column supaqueue.hook.delay     is 'How long after the change its job begins; where changes coalesce, after the last of them.';
comment on column supaqueue.hook.max_wait  is 'Where changes coalesce, how long after the first of them the job begins at the latest.';

drop function if exists supaqueue.on_change(text, text, text, text[], text[], text[], text, text, boolean, text, integer);
drop function if exists supaqueue_internal.hook_level(jsonb, jsonb, integer);
