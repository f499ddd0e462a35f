-- A dedupe_key may be free again once its job has begun: one may wait while one runs.
--
-- Locks queue and job for a moment. The new column has no default, so that nothing is rewritten; the one table that is
-- scanned is queue. The key moves to a column of its own, for an index with another condition would be built anew.

alter table supaqueue.queue
  drop constraint queue_dedupe_until_is_finished_or_pruned,
  add constraint queue_dedupe_until_is_begun_finished_or_pruned
    check (dedupe_until in ('begun', 'finished', 'pruned'));

comment on column supaqueue.queue.dedupe_until is 'How long a dedupe_key stays taken: until its job has begun, is finished, or is pruned.';

alter table supaqueue.job add column begun_key text;

comment on column supaqueue.job.dedupe_key is 'Unique in its queue while the job is not finished, or until it is pruned, or until it has begun.';
comment on column supaqueue.job.begun_key  is 'The dedupe_key it had until it began, where that makes the key free (dedupe_until of its queue).';
