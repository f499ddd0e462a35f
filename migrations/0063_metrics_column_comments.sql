-- Every column of metrics says what it holds. A comment locks no table against reads and writes.

comment on table  supaqueue.counter             is 'What happened until the last sweep. The view queue_counters adds what happened since.';
comment on column supaqueue.counter.queue       is 'The queue.';
comment on column supaqueue.counter.enqueued    is 'Jobs that were enqueued.';
comment on column supaqueue.counter.begun       is 'Attempts that started.';
comment on column supaqueue.counter.succeeded   is 'Attempts that succeeded.';
comment on column supaqueue.counter.failed      is 'Attempts after which the job failed for good. This includes killed.';
comment on column supaqueue.counter.killed      is 'Attempts after which the job failed at once, with attempts left.';
comment on column supaqueue.counter.retried     is 'Attempts that failed and are retried.';
comment on column supaqueue.counter.deferred    is 'Calls that the target deferred.';
comment on column supaqueue.counter.rescheduled is 'Attempts that put their job off to another time.';
comment on column supaqueue.counter.dropped     is 'Attempts whose answer deleted the job.';
comment on column supaqueue.counter.leases_lost is 'Leases that ran out.';
comment on column supaqueue.counter.duplicates  is 'Jobs that were not enqueued, because another job had their dedupe_key.';
comment on column supaqueue.counter.wake_ups    is 'Wake-ups that were sent.';
comment on column supaqueue.counter.runs        is 'Runs that began.';
comment on column supaqueue.counter.calls       is 'How many calls took how long: a number for each bound of histogram_bounds, and one for longer calls.';
comment on column supaqueue.counter.calls_ms    is 'How long all calls took together, in milliseconds.';
comment on column supaqueue.counter.waits       is 'How many jobs had been due for how long when they started, by the same bounds.';
comment on column supaqueue.counter.waits_ms    is 'How long all jobs had been due together, in milliseconds.';
comment on column supaqueue.counter.turns       is 'How many turns took how long, by the same bounds. Turns that found nothing to do are left out.';
comment on column supaqueue.counter.turns_ms    is 'How long all turns took together, in milliseconds.';

comment on table  supaqueue.counter_delta            is 'What happened since the last sweep. The sweep adds it to counter.';
comment on column supaqueue.counter_delta.queue      is 'The queue.';
comment on column supaqueue.counter_delta.enqueued   is 'Jobs that were enqueued.';
comment on column supaqueue.counter_delta.begun      is 'Attempts that started.';
comment on column supaqueue.counter_delta.ended      is 'How attempts ended, one entry each: success, failed or killed (for good), retried, deferred, rescheduled, dropped.';
comment on column supaqueue.counter_delta.call_ms    is 'How long calls took, one entry each, in milliseconds.';
comment on column supaqueue.counter_delta.wait_ms    is 'How long jobs had been due when their attempt started, one entry for each attempt that ended.';
comment on column supaqueue.counter_delta.duplicates is 'Jobs that were not enqueued, because another job had their dedupe_key.';
comment on column supaqueue.counter_delta.wake_ups   is 'Wake-ups that were sent.';
comment on column supaqueue.counter_delta.runs       is 'Runs that began.';
comment on column supaqueue.counter_delta.turn_ms    is 'How long the turn took that wrote this row, in milliseconds.';

comment on table  supaqueue.last_count             is 'Which jobs are counted. The sweep counts what was inserted, so no insert has to.';
comment on column supaqueue.last_count.only_one    is 'The table has one row.';
comment on column supaqueue.last_count.up_to       is 'Jobs with an id up to this one are counted.';
comment on column supaqueue.last_count.mark        is 'The newest job at the time of marked_at. The sweep counts up to it when nobody can still insert an older one.';
comment on column supaqueue.last_count.marked_at   is 'When mark was set.';
comment on column supaqueue.last_count.marked_xact is 'Transactions with older jobs began before this one.';

comment on table  supaqueue.history             is 'What happened in each queue: by minute for a day, by hour for a month. The sweep writes it, a few seconds late.';
comment on column supaqueue.history.queue       is 'The queue.';
comment on column supaqueue.history.at          is 'When the minute or hour began.';
comment on column supaqueue.history.span        is 'minute or hour.';
comment on column supaqueue.history.enqueued    is 'Jobs that were enqueued.';
comment on column supaqueue.history.begun       is 'Attempts that started.';
comment on column supaqueue.history.succeeded   is 'Attempts that succeeded.';
comment on column supaqueue.history.retried     is 'Attempts that failed and are retried.';
comment on column supaqueue.history.failed      is 'Attempts after which the job failed for good.';
comment on column supaqueue.history.deferred    is 'Calls that the target deferred.';
comment on column supaqueue.history.rescheduled is 'Attempts that put their job off to another time.';
comment on column supaqueue.history.dropped     is 'Attempts whose answer deleted the job.';
comment on column supaqueue.history.leases_lost is 'Leases that ran out.';
comment on column supaqueue.history.calls       is 'How many calls took how long: an object from the number of a step (latency_step) to a count.';
comment on column supaqueue.history.backlog     is 'How many jobs were due at the last count, 10000 at most. Null: not counted in this minute or hour.';
comment on column supaqueue.history.oldest_s    is 'How many seconds the job that waited longest had been due, at the last count.';
