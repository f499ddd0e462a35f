-- A queue may be ordered: the next job of a line begins only when the one before it has ended.
--
-- Locks queue for a moment: the columns have constant defaults, and nothing is rewritten. The one table that is scanned is
-- queue.

alter table supaqueue.queue
  add column ordered text,
  add column after_failure text not null default 'block',
  add constraint queue_ordered_is_key_or_queue
    check (ordered in ('key', 'queue')),
  add constraint queue_after_failure_is_block_or_continue
    check (after_failure in ('block', 'continue')),
  -- Whoever begins jobs holds the row of key_lock then, and counts.
  add constraint queue_that_is_ordered_runs_one_per_key
    check (ordered is null or per_key is not distinct from 1),
  -- A call of several jobs has no order among them.
  add constraint queue_that_is_ordered_calls_one_of_a_line
    check (ordered is null or batch_by is null and (ordered = 'key' or batch_size = 1));

comment on column supaqueue.queue.ordered       is 'key: the next job of a concurrency_key begins only when the one before it has ended, its retries included. queue: the whole queue one by one. Null: jobs pass each other.';
comment on column supaqueue.queue.after_failure is 'Where jobs are ordered, what a failed one does to those after it: block, until it is retried or cancelled; or continue.';
