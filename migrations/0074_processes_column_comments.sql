-- Every column of a process says what it holds. A comment locks no table against reads and writes.

comment on table  supaqueue.process             is 'Processes that serve queues. While one lives, its queues wake no edge function.';
comment on column supaqueue.process.id          is 'Chosen by the process.';
comment on column supaqueue.process.begun_at    is 'When the process started.';
comment on column supaqueue.process.name        is 'Where the process runs, for people.';
comment on column supaqueue.process.queues      is 'The names of the queues that it serves. Null: all.';
comment on column supaqueue.process.functions   is 'Whether it has a key to call edge functions. If not, it serves only queues with a URL.';
comment on column supaqueue.process.lease_until is 'The process renews this. If the time has passed, the process died.';
