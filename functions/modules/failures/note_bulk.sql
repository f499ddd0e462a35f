-- note_bulk: something was done to many failed jobs: written down, with which were meant.
--
-- writes     what note_act writes
--
-- Not what the payload was to have, which may be secret.

create or replace function supaqueue_internal.note_bulk(
  act text, queue uuid, jobs bigint, filter jsonb default '{}', per_second double precision default null
)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  select supaqueue_internal.note_act(
    note_bulk.act,
    note_bulk.queue,
    jobs => note_bulk.jobs,
    after => nullif(jsonb_strip_nulls(jsonb_build_object(
      'filter', nullif((
        select coalesce(jsonb_object_agg(entry.key, case when entry.key in ('payload', 'where') then '"…"' else entry.value end), '{}')
        from jsonb_each(note_bulk.filter) as entry
      ), '{}'),
      'per_second', note_bulk.per_second
    )), '{}')
  )
  where note_bulk.jobs > 0
$$;

comment on function supaqueue_internal.note_bulk(text, uuid, bigint, jsonb, double precision) is 'Writes down what was done to many failed jobs, and which were meant.';
