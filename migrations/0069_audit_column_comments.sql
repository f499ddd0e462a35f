-- Every column of the audit says what it holds. A comment locks no table against reads and writes.

comment on table  supaqueue.audit            is 'Who did what: pauses, limits, retries, secrets, access. Rows stay for audit_days, 90 by default.';
comment on column supaqueue.audit.id         is 'Set by the database.';
comment on column supaqueue.audit.at         is 'When it was done.';
comment on column supaqueue.audit.queue      is 'The queue.';
comment on column supaqueue.audit.queue_name is 'The name that the queue had then.';
comment on column supaqueue.audit.job        is 'The job, if it was done to one job.';
comment on column supaqueue.audit.jobs       is 'How many jobs it was done to.';
comment on column supaqueue.audit.before     is 'What changed, with the values before. Values that may be secret are left out.';
comment on column supaqueue.audit.after      is 'What changed, with the values after.';
comment on column supaqueue.audit.role       is 'The PostgreSQL role that did it.';
comment on column supaqueue.audit.subject    is 'The sub of the token, if it came through the Data API.';
comment on column supaqueue.audit.person     is 'The person, if the application says so in the setting supaqueue.person. The console does.';
