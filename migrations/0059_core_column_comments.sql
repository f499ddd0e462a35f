-- Every column of the core's tables says what it holds. A comment locks no table against reads and writes.

comment on column supaqueue.applied_file.path        is 'The file.';
comment on column supaqueue.applied_file.kind        is 'What it makes: a function, a view or a trigger.';
comment on column supaqueue.applied_file.checksum    is 'The checksum of the file.';
comment on column supaqueue.applied_file.fingerprint is 'The checksum of what the database made of it.';
comment on column supaqueue.applied_file.applied_at  is 'When it was last applied.';

comment on column supaqueue.chore.times      is 'How many times as much work it may do in one sweep as the other chores.';
comment on column supaqueue.chore.mark       is 'How far it has come, if it does a part of its work in each sweep.';
comment on column supaqueue.chore.last_ok_at is 'When it last succeeded.';

comment on column supaqueue.dispatch.message  is 'What the last refusal said.';
comment on column supaqueue.dispatch.hint     is 'What the last refusal said to do.';
comment on column supaqueue.dispatch.run_at   is 'When that run began.';
comment on column supaqueue.dispatch.refusals is 'How many wake-ups have been refused since then.';

comment on column supaqueue.heartbeat.queue is 'The queue.';

comment on column supaqueue.home.id is 'Set by the database.';

comment on column supaqueue.key_lock.queue is 'The queue.';

comment on column supaqueue.migration.name       is 'The name of the file.';
comment on column supaqueue.migration.checksum   is 'The checksum of the file.';
comment on column supaqueue.migration.applied_at is 'When it was applied.';

comment on column supaqueue.named_lock.name is 'The name.';

comment on table  supaqueue.wake_up           is 'Wake-ups that were sent. A row stays until the sweep has seen the answer, for a quarter of an hour at most.';
comment on column supaqueue.wake_up.queue     is 'The queue that it woke.';
comment on column supaqueue.wake_up.posted_at is 'When it was sent.';

comment on type   supaqueue.enqueued_job          is 'What enqueue_many says of each job.';
comment on column supaqueue.enqueued_job.id       is 'The job: the new one, or the one that had the dedupe_key.';
comment on column supaqueue.enqueued_job.batch    is 'The batch of the job.';
comment on column supaqueue.enqueued_job.enqueued is 'False: another job had its dedupe_key, so none was added.';
