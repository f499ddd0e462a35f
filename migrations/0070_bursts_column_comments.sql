-- Every column of throttled keys says what it holds. A comment locks no table against reads and writes.

comment on table  supaqueue.throttled_key         is 'Dedupe keys that were enqueued with throttle. A row stays until its period is over.';
comment on column supaqueue.throttled_key.queue   is 'The queue.';
comment on column supaqueue.throttled_key.free_at is 'Until then, no other job with this key starts, except the one that waits.';
