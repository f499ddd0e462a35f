-- is_watched: whether something of the user's runs with each row that the queue writes.
--
-- called by  chores, once they have something to do
-- reads      the catalog; locks nothing
--
-- In place of the core's default.
-- A trigger, or a foreign key to a table of ours, which has PostgreSQL look through the user's table. Either may take
-- seconds for each row, and nothing can end it: so chores then go row by row, and look at the time.

create or replace function supaqueue_internal.is_watched()
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from pg_trigger
    join pg_proc on pg_proc.oid = pg_trigger.tgfoid and pg_proc.pronamespace <> 'supaqueue_internal'::regnamespace
    left join pg_class as other on other.oid = pg_trigger.tgconstrrelid
    where pg_trigger.tgrelid in (
        'supaqueue.job'::regclass, 'supaqueue.current_job'::regclass, 'supaqueue.worker'::regclass,
        'supaqueue.queue'::regclass, 'supaqueue.attempt'::regclass, 'supaqueue.heartbeat'::regclass
      )
      and other.relnamespace is distinct from 'supaqueue'::regnamespace
  )
$$;

comment on function supaqueue_internal.is_watched() is 'Whether a trigger or a foreign key of the user runs with each row that the queue writes.';
