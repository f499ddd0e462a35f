-- Access: queues that end users may enqueue to, each opened on purpose.

-- One row, one queue open to one role of the API.
create table supaqueue.door (
  queue       uuid        not null,
  role        text        not null,
  created_at  timestamptz not null default now(),
  max_bytes   integer     not null default 65536,
  schema      jsonb,
  per_minute  integer,
  per_address integer,
  max_delay   interval    not null default '30 days',
  show_result boolean     not null default false,
  may_cancel  boolean     not null default false,
  live        boolean     not null default false,

  primary key (queue, role),
  constraint door_belongs_to_a_queue
    foreign key (queue) references supaqueue.queue on update cascade on delete cascade,
  constraint door_role_is_anon_or_authenticated
    check (role in ('anon', 'authenticated')),
  constraint door_max_bytes_is_positive
    check (max_bytes > 0),
  constraint door_per_minute_is_positive
    check (per_minute > 0),
  constraint door_of_anon_has_a_limit
    check (role <> 'anon' or per_minute is not null),
  constraint door_per_address_is_positive
    check (per_address between 1 and 60000),
  constraint door_max_delay_is_not_negative
    check (max_delay >= '0'),
  constraint door_created_at_is_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint door_max_delay_is_at_most_1000_years
    check (max_delay <= '1000 years'),
  constraint door_per_minute_is_at_most_a_million
    check (per_minute <= 1000000)
);

comment on table  supaqueue.door             is 'Which queues end users may enqueue to, and how. Without a row nothing is open.';
comment on column supaqueue.door.role        is 'anon: whoever has the publishable key. authenticated: whoever is signed in.';
comment on column supaqueue.door.max_bytes   is 'The largest payload; that of the queue holds as well.';
comment on column supaqueue.door.schema      is 'A JSON Schema for the payload. functions/README.md lists the keywords.';
comment on column supaqueue.door.per_minute  is 'How many jobs one user may enqueue in a minute; of anon, all together. Null, which anon cannot have: as many as they like.';
comment on column supaqueue.door.per_address is 'How many jobs may be enqueued in a minute from one address, beside per_minute. Null: no such limit, and none where the platform tells no address.';
comment on column supaqueue.door.max_delay   is 'How far ahead run_at may be.';
comment on column supaqueue.door.show_result is 'Whether users see the result of their own jobs.';
comment on column supaqueue.door.may_cancel  is 'Whether users may cancel their own jobs while these wait.';
comment on column supaqueue.door.live        is 'Whether Realtime tells users how their own jobs fare.';

-- How much of per_minute is used up. A row that is older than a minute says nothing.
create table supaqueue.door_use (
  queue   uuid        not null,
  role    text        not null,
  -- The user; of anon all zeros, for all together.
  who     uuid        not null,
  free_at timestamptz not null,

  primary key (queue, role, who),
  constraint door_use_belongs_to_a_door
    foreign key (queue, role) references supaqueue.door on update cascade on delete cascade,
  constraint door_use_free_at_is_before_the_year_10000
    check (free_at < '10000-01-01 00:00:00+00')
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table  supaqueue.door_use         is 'How much of the per_minute of a door each user has used up.';
comment on column supaqueue.door_use.free_at is 'When nothing of it would be used up any more, were the jobs enqueued one by one at even distances.';

alter table supaqueue.door enable row level security;
alter table supaqueue.door_use enable row level security;

revoke all on supaqueue.door, supaqueue.door_use from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.door, supaqueue.door_use
  to service_role;
