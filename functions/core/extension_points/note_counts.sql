-- note_counts: what happened in a queue.
--
-- Nothing: the core keeps no counters. `ended`, `call_ms` and `wait_ms` have an entry per attempt that
-- ended: how, how long its call took, and how long its job had been due.

create or replace function supaqueue_internal.note_counts(
  queue uuid, begun integer default null, ended text[] default null, call_ms real[] default null, wait_ms real[] default null,
  leases_lost integer default null, duplicates integer default null, wake_ups integer default null, runs integer default null,
  turn_ms real default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  null;
end;
$$;

comment on function supaqueue_internal.note_counts(uuid, integer, text[], real[], real[], integer, integer, integer, integer, real) is 'Notes what happened in a queue.';
