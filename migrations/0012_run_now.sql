-- run_now begins a job of a paused queue all the same. A column with a constant
-- default: current_job is locked for a moment and not rewritten.

alter table supaqueue.current_job
  add column despite_pause boolean not null default false;

comment on column supaqueue.current_job.despite_pause is 'Begun by run_now while its queue was paused: a run takes it though others wait.';
