-- Batches: one call for several jobs of a queue.
--
-- Locks queue, job and current_job for a moment: the columns have constant defaults and nothing is
-- rewritten. The one table that is scanned is current_job, which has a row per job that runs.

alter table supaqueue.queue
  add column batch_size integer not null default 1,
  add column batch_wait_ms integer not null default 0,
  add column batch_by text,
  add column batch_counts text not null default 'jobs',
  add constraint queue_batch_size_is_1_to_1000
    check (batch_size between 1 and 1000),
  add constraint queue_batch_wait_ms_is_at_most_an_hour
    check (batch_wait_ms between 0 and 3600000),
  add constraint queue_batch_by_is_key
    check (batch_by = 'key'),
  add constraint queue_batch_counts_are_jobs_or_calls
    check (batch_counts in ('jobs', 'calls')),
  -- The jobs are in the body.
  add constraint queue_with_batches_has_a_method_with_a_body
    check (batch_size = 1 or method in ('POST', 'PUT', 'PATCH'));

comment on column supaqueue.queue.batch_size    is 'How many jobs a call may bring. From 2 on the body is a list of jobs, and the answer a list of what became of each.';
comment on column supaqueue.queue.batch_wait_ms is 'How long a batch may fill, from when its first job is due. 0: it has what is there.';
comment on column supaqueue.queue.batch_by      is 'key: only jobs with the same concurrency_key are called together. Null: any.';
comment on column supaqueue.queue.batch_counts  is 'What the rate limit counts: jobs, or calls.';

alter table supaqueue.job
  add column batch_limit integer,
  add constraint job_batch_limit_is_positive
    check (batch_limit between 1 and 1000) not valid;

comment on column supaqueue.job.batch_limit is 'The largest call that may bring it: half of the one that died with it. Null: as its queue says.';

alter table supaqueue.current_job
  add column call uuid,
  add column call_size integer not null default 1,
  add column place integer not null default 0,
  add constraint current_job_call_size_and_place_fit_a_batch
    check (call_size between 1 and 1000 and place between 0 and 999),
  drop constraint current_job_worker_has_one_job,
  -- The jobs of one call share its worker, each in a place of its own.
  add constraint current_job_worker_has_one_call
    unique (worker, place);

comment on table  supaqueue.current_job           is 'A worker and a job it has. The id is the token that proves who may report.';
comment on column supaqueue.current_job.call      is 'Of a queue with batches: the call that brings it, with all others that say the same. They share a worker. Null: a call of its own.';
comment on column supaqueue.current_job.call_size is 'How many jobs the call had when it was begun.';
comment on column supaqueue.current_job.place     is 'Its place in the call, from 0.';

create index current_job_by_call on supaqueue.current_job (call) where call is not null;
