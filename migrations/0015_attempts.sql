-- What uses an attempt, and what does not: how long a job may be put off is a time and no
-- longer a count, and a call counts once its run has said that it went out.
-- Columns with constant defaults, and an index of no rows yet: nothing is rewritten.

alter table supaqueue.queue
  alter column max_deferrals drop not null,
  alter column max_deferrals drop default,
  add column max_defer_ms integer not null default 86400000,
  add constraint queue_max_defer_ms_is_not_negative
    check (max_defer_ms >= 0);

-- The former default: nobody chose it.
update supaqueue.queue set max_deferrals = null where max_deferrals = 1000;

comment on column supaqueue.queue.max_deferrals is 'How often in a row a job may be turned away before it is failed. Null: as often as max_defer_ms allows.';
comment on column supaqueue.queue.max_defer_ms  is 'How long a job may be turned away again and again before it is failed. Being turned away uses no attempt.';

alter table supaqueue.job
  add column deferred_since timestamptz,
  add column lost_claims    integer not null default 0;

comment on column supaqueue.job.deferred_since is 'Since when the target has turned the job away each time. Null: it did not, last time.';
comment on column supaqueue.job.lost_claims    is 'How often its run ended before it was known to have called. Three times that uses no attempt.';

alter table supaqueue.current_job
  add column called boolean not null default false;

comment on column supaqueue.current_job.begun_at is 'When its run was given it.';
comment on column supaqueue.current_job.called   is 'Whether its run has said that the call went out.';

-- What is under way at this moment was called, for all that is known.
update supaqueue.current_job set called = true where dispatcher is not null;
