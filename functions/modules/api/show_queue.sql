-- show_queue: a queue at a glance, with its settings.
--
-- reads      supaqueue.queue, supaqueue.queue_overview
--
-- `queue` is a name or an id. Without headers: they may be private. Error: SQ404.

create or replace function supaqueue_internal.show_queue(queue text)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(show_queue.queue);
begin
  return (
    select supaqueue_internal.describe_queue(to_jsonb(overview), overview.empty_in)
    from supaqueue.queue_overview as overview
    where overview.queue = target.id
  ) || jsonb_build_object('settings', jsonb_build_object(
    'max_attempts', target.max_attempts,
    'timeout_ms', target.timeout_ms,
    'retry_base_ms', target.retry_base_ms,
    'retry_factor', target.retry_factor,
    'retry_max_ms', target.retry_max_ms,
    'max_deferrals', target.max_deferrals,
    'max_defer_ms', target.max_defer_ms,
    'per_key', target.per_key,
    'batch_size', target.batch_size,
    'batch_wait_ms', target.batch_wait_ms,
    'batch_by', target.batch_by,
    'batch_counts', target.batch_counts,
    'ordered', target.ordered,
    'after_failure', target.after_failure,
    'dedupe_until', target.dedupe_until,
    'payload_max_bytes', target.payload_max_bytes,
    'result_max_bytes', target.result_max_bytes
  ));
end;
$$;

comment on function supaqueue_internal.show_queue(text) is 'A queue at a glance, with its settings.';
