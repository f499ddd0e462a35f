-- How many calls of a queue may run at once: one row, one seat.

create table supaqueue.worker (
  id         uuid        primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  queue      uuid        not null,
  locked     boolean     not null default false,

  constraint worker_belongs_to_a_queue
    foreign key (queue) references supaqueue.queue on update cascade on delete cascade
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table  supaqueue.worker        is 'One seat of a queue: as many rows, as many calls at once.';
comment on column supaqueue.worker.locked is 'True while the worker has a job.';

create index worker_by_queue on supaqueue.worker (queue);
create index worker_free on supaqueue.worker (queue) where not locked;

alter table supaqueue.worker enable row level security;

revoke all on supaqueue.worker from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.worker to service_role;
