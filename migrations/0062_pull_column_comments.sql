-- Every column of a picked job says what it holds. A comment locks no table against reads and writes.

comment on column supaqueue.picked_job.token       is 'Send it with the report: it proves who has the job.';
comment on column supaqueue.picked_job.job         is 'The id of the job.';
comment on column supaqueue.picked_job.payload     is 'The payload.';
comment on column supaqueue.picked_job.attempts    is 'Which attempt this is: 1 is the first.';
comment on column supaqueue.picked_job.job_version is 'The version of the payload.';
comment on column supaqueue.picked_job.priority    is 'Jobs with a higher number are picked first.';
comment on column supaqueue.picked_job.dedupe_key  is 'The dedupe_key of the job.';
comment on column supaqueue.picked_job.state       is 'What the last attempt left for this one.';
comment on column supaqueue.picked_job.created_at  is 'When the job was enqueued.';
comment on column supaqueue.picked_job.run_at      is 'The time from which it could be picked.';
comment on column supaqueue.picked_job.lease_until is 'Report or extend the lease before this time. After it, somebody else gets the job.';
