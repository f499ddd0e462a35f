-- Every column of what pipelines keep and return says what it holds. A comment locks no table against reads and writes.

comment on table  supaqueue.unsettled          is 'Jobs whose dependencies must be checked again. Rows stay for moments only.';
comment on column supaqueue.unsettled.id       is 'Set by the database.';
comment on column supaqueue.unsettled.noted_at is 'When the row was added.';
comment on column supaqueue.unsettled.job      is 'A job that ended while others wait for it, or a job that waits.';

comment on column supaqueue.source_result.source      is 'The job.';
comment on column supaqueue.source_result.queue       is 'The name of its queue.';
comment on column supaqueue.source_result.batch_index is 'Its place in its batch, from 0.';
comment on column supaqueue.source_result.status      is 'How it ended.';
comment on column supaqueue.source_result.payload     is 'Its payload.';
comment on column supaqueue.source_result.result      is 'What the function returned.';
comment on column supaqueue.source_result.error       is 'The error of its last attempt.';
