-- Every column of the lines of ordered queues says what it holds. A comment locks no table against reads and writes.

comment on table  supaqueue.place_in_line       is 'Jobs of ordered queues that have not ended, or that failed and block their line. In a line, the lowest id goes first.';
comment on column supaqueue.place_in_line.queue is 'The queue.';
comment on column supaqueue.place_in_line.line  is '= and the concurrency_key; # and the id, for a job without a key; or empty: the whole queue is one line.';
comment on column supaqueue.place_in_line.job   is 'The job.';

comment on table  supaqueue.line_change          is 'Lines that changed. A row stays until the next claim of the queue has found out who is first.';
comment on column supaqueue.line_change.id       is 'Set by the database.';
comment on column supaqueue.line_change.queue    is 'The queue.';
comment on column supaqueue.line_change.line     is 'The line, as in place_in_line.';
comment on column supaqueue.line_change.moves_on is 'Whether a job left the line, so that the next one may start.';

comment on table  supaqueue.line_head          is 'The job that is first in each line, if it is pending. A claim checks the job itself before it starts it.';
comment on column supaqueue.line_head.queue    is 'The queue.';
comment on column supaqueue.line_head.line     is 'The line, as in place_in_line.';
comment on column supaqueue.line_head.job      is 'The first job of the line.';
comment on column supaqueue.line_head.priority is 'The priority of the job.';
comment on column supaqueue.line_head.run_at   is 'The run_at of the job.';
comment on column supaqueue.line_head.is_due   is 'Whether run_at had passed at the last claim.';
