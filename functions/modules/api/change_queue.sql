-- change_queue: some settings of a queue are changed, the others stay.
--
-- writes     supaqueue.queue; supaqueue.worker and supaqueue.rate_limit, by set_concurrency and set_max_rps
--
-- `changes` may have what show_queue lists under settings, and workers and max_rps. Null
-- takes per_key, batch_by, ordered, max_deferrals or max_rps away. Not the target and not the headers: who may set these has
-- any secret of the project sent anywhere. Returns what show_queue does.
-- Errors: SQ404, SQ422; 23514 names the claim that does not hold.

create or replace function supaqueue_internal.change_queue(queue text, changes jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(change_queue.queue);
begin
  update supaqueue.queue
  set
    max_attempts = coalesce((changes ->> 'max_attempts')::integer, queue.max_attempts),
    timeout_ms = coalesce((changes ->> 'timeout_ms')::integer, queue.timeout_ms),
    retry_base_ms = coalesce((changes ->> 'retry_base_ms')::integer, queue.retry_base_ms),
    retry_factor = coalesce((changes ->> 'retry_factor')::double precision, queue.retry_factor),
    retry_max_ms = coalesce((changes ->> 'retry_max_ms')::integer, queue.retry_max_ms),
    max_deferrals = case when changes ? 'max_deferrals' then (changes ->> 'max_deferrals')::integer else queue.max_deferrals end,
    max_defer_ms = coalesce((changes ->> 'max_defer_ms')::integer, queue.max_defer_ms),
    per_key = case when changes ? 'per_key' then (changes ->> 'per_key')::integer else queue.per_key end,
    batch_size = coalesce((changes ->> 'batch_size')::integer, queue.batch_size),
    batch_wait_ms = coalesce((changes ->> 'batch_wait_ms')::integer, queue.batch_wait_ms),
    batch_by = case when changes ? 'batch_by' then changes ->> 'batch_by' else queue.batch_by end,
    batch_counts = coalesce(changes ->> 'batch_counts', queue.batch_counts),
    ordered = case when changes ? 'ordered' then changes ->> 'ordered' else queue.ordered end,
    after_failure = coalesce(changes ->> 'after_failure', queue.after_failure),
    dedupe_until = coalesce(changes ->> 'dedupe_until', queue.dedupe_until),
    payload_max_bytes = coalesce((changes ->> 'payload_max_bytes')::integer, queue.payload_max_bytes),
    result_max_bytes = coalesce((changes ->> 'result_max_bytes')::integer, queue.result_max_bytes)
  where queue.id = target.id;

  if changes ->> 'workers' is not null then
    perform supaqueue.set_concurrency(target.id::text, (changes ->> 'workers')::integer);
  end if;
  if changes ? 'max_rps' then
    perform supaqueue.set_max_rps(target.id::text, (changes ->> 'max_rps')::double precision);
  end if;
  return supaqueue_internal.show_queue(target.id::text);
end;
$$;

comment on function supaqueue_internal.change_queue(text, jsonb) is 'Changes settings of a queue. Returns what show_queue does.';
