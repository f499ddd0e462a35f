-- describe_queue: a queue at a glance, as the HTTP API shows it.
--
-- `overview` is its row of supaqueue.queue_overview, `empty_in` that column of it: as JSON an interval would be
-- written as the session has it.

create or replace function supaqueue_internal.describe_queue(overview jsonb, empty_in interval)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'id', describe_queue.overview -> 'queue', 'empty_in_ms', round(extract(epoch from describe_queue.empty_in) * 1000)
  ) || describe_queue.overview - '{queue, empty_in}'::text[]
$$;

comment on function supaqueue_internal.describe_queue(jsonb, interval) is 'A queue at a glance, as the HTTP API shows it.';
