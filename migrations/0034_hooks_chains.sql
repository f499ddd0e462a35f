-- What a job's own function writes, and how long a chain of such writes may get. Adds two columns with a constant
-- default: the lock is short.

alter table supaqueue.hook
  add column own_changes text    not null default 'mark',
  add column max_depth   integer not null default 10,
  add constraint hook_own_changes_is_mark_or_drop
    check (own_changes in ('mark', 'drop')),
  add constraint hook_max_depth_is_in_1_to_1000
    check (max_depth between 1 and 1000);

comment on column supaqueue.hook.own_changes is 'What the function of a job that this hook made writes itself: mark, it becomes a job that says so; drop, it becomes none.';
comment on column supaqueue.hook.max_depth   is 'How many jobs in a row may come of what the function of the one before wrote. The next one is held.';

drop function if exists supaqueue.on_change(text, text, text, text[], text[], text[], text, text, boolean);
