-- Every column of a dependency says what it holds.

comment on column supaqueue.job_dependency.source     is 'The job that is waited for.';
comment on column supaqueue.job_dependency.target     is 'The job that waits.';
comment on column supaqueue.job_dependency.created_at is 'When the dependency was added.';
comment on column supaqueue.job_dependency.on_failure is 'What happens to the target if the source fails or is cancelled: cancel it, run it anyway, or hold it for you.';
