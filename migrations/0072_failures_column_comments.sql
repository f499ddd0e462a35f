-- Every column of a bulk action says what it holds. A comment locks no table against reads and writes.

comment on table  supaqueue.bulk_action            is 'What was done to many failed jobs at once. Rows stay for a week.';
comment on column supaqueue.bulk_action.id         is 'Set by the database.';
comment on column supaqueue.bulk_action.at         is 'When it was done.';
comment on column supaqueue.bulk_action.act        is 'retry or discard.';
comment on column supaqueue.bulk_action.queue      is 'The queue of the jobs. Null: the filter was for all queues.';
comment on column supaqueue.bulk_action.filter     is 'Which jobs it was for. docs/reference/failed-jobs.md lists what a filter may have.';
comment on column supaqueue.bulk_action.per_second is 'How many of the jobs become due per second. Null: all at once.';
comment on column supaqueue.bulk_action.jobs       is 'The jobs.';
comment on column supaqueue.bulk_action.before     is 'For a retry: what each job had when it failed, in the order of jobs.';
comment on column supaqueue.bulk_action.undone_at  is 'When it was undone, as far as that was possible.';
