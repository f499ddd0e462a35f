-- Strict order: who is next in each line of an ordered queue.
--
-- Locks nothing: job is not touched. Its triggers are made with the first queue that is ordered.

-- Written with the job, in the same transaction. Without foreign keys: a check would lock the queue behind whoever deletes it.
create table supaqueue.place_in_line (
  queue uuid   not null,
  line  text   not null,
  job   bigint not null,

  constraint place_in_line_has_a_row_per_job_of_a_line
    primary key (queue, line, job),
  constraint place_in_line_line_has_at_most_1001_bytes
    check (octet_length(line) <= 1001)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);

comment on table  supaqueue.place_in_line      is 'Jobs of ordered queues that have not ended, or failed and keep the others waiting. The first of a line by its id goes first.';
comment on column supaqueue.place_in_line.line is 'The concurrency_key after =, the id after # of a job without one, or empty: the whole queue.';

create table supaqueue.line_change (
  id       bigint  generated always as identity,
  queue    uuid    not null,
  line     text    not null,
  moves_on boolean not null,

  constraint line_change_is_read_in_order
    primary key (queue, id),
  constraint line_change_line_has_at_most_1001_bytes
    check (octet_length(line) <= 1001)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

comment on table  supaqueue.line_change          is 'Lines in which something happened, until the next claim of their queue has looked who is first.';
comment on column supaqueue.line_change.moves_on is 'Whether a job left its line: the one after it may be begun.';

-- Written only by whoever holds the queue's row of key_lock.
create table supaqueue.line_head (
  queue    uuid        not null,
  line     text        not null,
  job      bigint      not null,
  priority integer     not null,
  run_at   timestamptz not null,
  is_due   boolean     not null,

  constraint line_head_is_one_per_line
    primary key (queue, line),
  constraint line_head_belongs_to_a_queue
    foreign key (queue) references supaqueue.key_lock on update cascade on delete cascade,
  constraint line_head_line_has_at_most_1001_bytes
    check (octet_length(line) <= 1001),
  constraint line_head_run_at_is_before_the_year_10000
    check (run_at < '10000-01-01 00:00:00+00')
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

comment on table  supaqueue.line_head        is 'The pending jobs whose turn it is in their lines. An index of sorts: whoever begins one looks at the job itself.';
comment on column supaqueue.line_head.is_due is 'Whether its time has come, as the last claim saw it.';

create index line_head_due on supaqueue.line_head (queue, priority desc, run_at, job) where is_due;
create index line_head_planned on supaqueue.line_head (queue, run_at) where not is_due;

alter table supaqueue.place_in_line enable row level security;
alter table supaqueue.line_change enable row level security;
alter table supaqueue.line_head enable row level security;

revoke all on supaqueue.place_in_line, supaqueue.line_change, supaqueue.line_head from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.place_in_line, supaqueue.line_change, supaqueue.line_head to service_role;
