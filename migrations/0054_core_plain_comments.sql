-- Comments that people read: every column that they may write or look at says what it holds. A comment locks no table
-- against reads and writes.

comment on column supaqueue.queue.id                    is 'Set by the database.';
comment on column supaqueue.queue.created_at            is 'When the queue was created.';
comment on column supaqueue.queue.name                  is 'Unique. If empty, it becomes the name of the function or the host of the URL.';
comment on column supaqueue.queue.edge_function_name    is 'The edge function to call, as in /functions/v1/<name>. Set this or url.';
comment on column supaqueue.queue.default_headers       is 'Headers of every call: an object of text values. A value vault:<name> is read from Vault.';
comment on column supaqueue.queue.max_attempts          is 'How many attempts a job has before it fails for good.';
comment on column supaqueue.queue.timeout_ms            is 'How long a call may take, in milliseconds. The lease is always longer.';
comment on column supaqueue.queue.retry_base_ms         is 'How long to wait before the second attempt, in milliseconds.';
comment on column supaqueue.queue.retry_factor          is 'Each wait between attempts is this many times as long as the one before.';
comment on column supaqueue.queue.retry_max_ms          is 'The longest wait between two attempts, in milliseconds.';
comment on column supaqueue.queue.paused                is 'While true, no job starts. Jobs can still be enqueued.';
comment on column supaqueue.queue.paused_until          is 'When the pause ends by itself. Null: when somebody resumes the queue.';
comment on column supaqueue.queue.allowed_hosts         is 'Other hosts that the url of a job may have, besides the host of the queue.';
comment on column supaqueue.queue.max_deferrals         is 'How often in a row a job may be deferred before it fails. Null: as often as max_defer_ms allows.';
comment on column supaqueue.queue.max_defer_ms          is 'How long a job may be deferred again and again before it fails, in milliseconds. Deferring uses no attempt.';
comment on column supaqueue.queue.result_max_bytes      is 'How many bytes of an answer are kept as the result.';
comment on column supaqueue.queue.keep_success_attempts is 'Whether the table attempt also keeps attempts that succeeded.';
comment on column supaqueue.queue.mode                  is 'push: the dispatcher calls the target. pull: nothing is called, consumers take the jobs.';
comment on column supaqueue.queue.payload_max_bytes     is 'The largest payload that the queue accepts, in bytes.';
comment on column supaqueue.queue.keep_success          is 'How long successful and cancelled jobs stay in the table.';
comment on column supaqueue.queue.keep_failed           is 'How long failed jobs stay in the table.';
comment on column supaqueue.queue.heeds                 is 'Which words in the header supaqueue-outcome count. Null: all words of a function; complete and reject of a URL.';
comment on column supaqueue.queue.max_repeats           is 'How often in a row a job may be continued or rescheduled before it fails. Null: 100 for a URL, no limit for a function.';
comment on column supaqueue.queue.max_lease_ms          is 'The longest lease that an answer may ask for with later, in milliseconds. Null: an hour for a URL, a day for a function.';
comment on column supaqueue.queue.opens                 is 'What a job may set itself although the queue sends a credential: "GET /v1/items/", "POST https://eu.example.com/v1", "header x-priority".';

comment on table  supaqueue.worker            is 'A queue runs as many calls at once as it has rows here.';
comment on column supaqueue.worker.id         is 'Set by the database.';
comment on column supaqueue.worker.created_at is 'When the worker was added.';
comment on column supaqueue.worker.queue      is 'The queue that it works for.';

comment on column supaqueue.job.id         is 'Set by the database, in the order of inserts.';
comment on column supaqueue.job.created_at is 'When the job was enqueued.';
comment on column supaqueue.job.updated_at is 'When the job was last changed.';
comment on column supaqueue.job.queue      is 'The id of its queue.';
comment on column supaqueue.job.status     is 'held, pending, in_progress, success, failed or cancelled. Only a worker writes in_progress.';
comment on column supaqueue.job.attempts   is 'How many attempts have started. Waiting, and calls that never reached the function, do not count.';
comment on column supaqueue.job.priority   is 'Jobs with a higher number start first.';
comment on column supaqueue.job.run_at     is 'The job does not start before this time.';
comment on column supaqueue.job.result     is 'What the function returned, if it succeeded.';
comment on column supaqueue.job.method     is 'Overrides the method of the queue.';
comment on column supaqueue.job.timeout_ms is 'Overrides timeout_ms of the queue.';
comment on column supaqueue.job.max_attempts  is 'Overrides max_attempts of the queue.';
comment on column supaqueue.job.retry_base_ms is 'Overrides retry_base_ms of the queue.';
comment on column supaqueue.job.retry_max_ms  is 'Overrides retry_max_ms of the queue.';
comment on column supaqueue.job.deferrals  is 'How often in a row the target deferred the job. This uses no attempt.';
comment on column supaqueue.job.state      is 'What the last slice of the function passed to the next one.';
comment on column supaqueue.job.progress_percent is 'The last progress that the function reported.';
comment on column supaqueue.job.progress_note    is 'The last note that the function reported with its progress.';
comment on column supaqueue.job.concurrency_key  is 'At most per_key jobs of the queue with the same key run at once.';

comment on column supaqueue.batch.id         is 'Set by the database.';
comment on column supaqueue.batch.created_at is 'When the batch was created.';
comment on column supaqueue.batch.queue      is 'The queue of its jobs.';
comment on column supaqueue.batch.label      is 'A name for people.';

comment on column supaqueue.current_job.id            is 'The token of this call. It changes with each attempt.';
comment on column supaqueue.current_job.created_at    is 'When the worker got the job.';
comment on column supaqueue.current_job.queue         is 'The queue of the job.';
comment on column supaqueue.current_job.worker        is 'The worker that has the job. Null if it was deleted meanwhile.';
comment on column supaqueue.current_job.job           is 'The job.';
comment on column supaqueue.current_job.begun_at      is 'When a run took the job.';
comment on column supaqueue.current_job.lease_until   is 'If no outcome is reported by then, the call counts as lost.';
comment on column supaqueue.current_job.is_complete   is 'Set it to true to finish the job by hand.';
comment on column supaqueue.current_job.is_successful is 'With is_complete: whether the job succeeded.';

comment on column supaqueue.attempt.id    is 'Set by the database.';
comment on column supaqueue.attempt.job   is 'The job.';
comment on column supaqueue.attempt.error is 'Why the attempt did not succeed.';
comment on column supaqueue.attempt.ended_at is 'When its outcome was recorded.';

comment on column supaqueue.setting.name  is 'Which setting.';
comment on column supaqueue.setting.value is 'Its value, as a text.';

comment on column supaqueue.chore.name    is 'Its name in messages.';
comment on column supaqueue.chore.place   is 'Chores with a lower number come first.';
comment on column supaqueue.chore.last_ms is 'How long it took the last time, in milliseconds.';

comment on column supaqueue.trouble.queue    is 'The queue that it concerns.';
comment on column supaqueue.trouble.job      is 'The job that it concerns.';
comment on column supaqueue.trouble.since    is 'When it was first set aside.';
comment on column supaqueue.trouble.tried_at is 'When it was last tried.';

comment on column supaqueue.last_sweep.swept_at     is 'When the sweep last ran.';
comment on column supaqueue.last_sweep.ms           is 'How long it took, in milliseconds.';
comment on column supaqueue.last_sweep.leases_lost  is 'How many jobs it took back because their lease had ended.';
comment on column supaqueue.last_sweep.queues_woken is 'How many queues it woke.';
