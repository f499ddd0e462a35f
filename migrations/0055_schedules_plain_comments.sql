-- Every column of a schedule says what it holds.

comment on table  supaqueue.schedule            is 'Jobs that are enqueued again and again, by the clock.';
comment on column supaqueue.schedule.id         is 'Set by the database.';
comment on column supaqueue.schedule.created_at is 'When the schedule was created.';
comment on column supaqueue.schedule.name       is 'Unique.';
comment on column supaqueue.schedule.queue      is 'The queue that gets the jobs.';
comment on column supaqueue.schedule.time_zone  is 'A name such as Europe/Berlin, by whose clocks cron is read.';
comment on column supaqueue.schedule.payload    is 'The payload of each job.';
comment on column supaqueue.schedule.catch_up   is 'Which of the times that passed while the sweep did not run become jobs: none, the last one, or all.';
comment on column supaqueue.schedule.overlap    is 'Whether a job is enqueued although the last one has not ended.';
comment on column supaqueue.schedule.enabled    is 'While false, no jobs are enqueued, and times that pass are not made up for.';
comment on column supaqueue.schedule.next_at    is 'When the next job comes.';
comment on column supaqueue.schedule.last_at    is 'The time of the last job.';
comment on column supaqueue.schedule.last_job   is 'The last job.';
