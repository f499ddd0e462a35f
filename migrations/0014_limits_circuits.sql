-- Circuits: whether a target takes calls. By target and not by queue: five queues that call
-- one API learn of its outage together, and one queue that calls a hundred hosts is not
-- stopped by one of them.

create table supaqueue.circuit (
  target     text        primary key,
  failures   integer     not null default 0,
  openings   integer     not null default 0,
  opened_at  timestamptz,
  open_until timestamptz,
  tried_at   timestamptz,
  refused_at timestamptz not null default now(),
  reason     text,

  constraint circuit_target_is_a_function_or_a_host
    check (target ~ '^(function|host) \S+$'),
  constraint circuit_times_are_in_1900_to_9999
    check (opened_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and open_until between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and tried_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and refused_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint circuit_failures_and_openings_are_at_most_a_million
    check (failures between 0 and 1000000 and openings between 0 and 1000000)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

comment on table  supaqueue.circuit            is 'Which targets turned calls away lately. Open: again and again, and the target is left alone for a while. A target that takes calls has no row.';
comment on column supaqueue.circuit.target     is 'What is called: "function <name>" of the project, or "host <host>" of a URL.';
comment on column supaqueue.circuit.failures   is 'How often in a row the target deferred a call, or was not there.';
comment on column supaqueue.circuit.openings   is 'How often in a row the circuit opened: each time for longer.';
comment on column supaqueue.circuit.open_until is 'Until then nothing is called; then one job is tried. Null: closed.';
comment on column supaqueue.circuit.tried_at   is 'Since when one job has been under way that tries the target. Null: none is.';
comment on column supaqueue.circuit.refused_at is 'When the target last turned a call away, or was not there.';
comment on column supaqueue.circuit.reason     is 'What the target said last.';

alter table supaqueue.circuit enable row level security;

revoke all on supaqueue.circuit from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.circuit
  to service_role;
