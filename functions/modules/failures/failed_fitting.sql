-- failed_fitting: the failed jobs of a queue, the newest first, each with whether a filter fits it.
--
-- expects    that its caller has read the filter
-- reads      supaqueue.job, by its index of finished jobs and that of copies; supaqueue.attempt
--
-- At most `looks` jobs within the filter's times. Those that reprocess copied are passed over. The plan is held to the
-- indexes, as that of newest_failed is.

create or replace function supaqueue_internal.failed_fitting(queue uuid, filter jsonb, looks integer)
returns table (job bigint, failed_at timestamptz, fits boolean)
language plpgsql
stable
rows 1000
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
declare
  from_then constant timestamptz := coalesce((failed_fitting.filter ->> 'since')::timestamptz, '-infinity');
  to_then constant timestamptz := coalesce((failed_fitting.filter ->> 'until')::timestamptz, 'infinity');
  -- A predicate, such as $.user.id == 7.
  path constant jsonpath := failed_fitting.filter ->> 'where';
  contained constant jsonb := failed_fitting.filter -> 'payload';
  wanted constant text := lower(failed_fitting.filter ->> 'error');
  kind constant text := failed_fitting.filter ->> 'fingerprint';
  of_batch constant uuid := failed_fitting.filter ->> 'batch';
  equal constant jsonb := failed_fitting.filter - '{since, until, where, payload, error, fingerprint, batch}'::text[];
begin
  return query
  select
    newest.id,
    newest.finished_at,
    coalesce(
      (contained is null or newest.payload @> contained)
      and (path is null or newest.payload @@ path)
      and (wanted is null or position(wanted in lower(newest.error)) > 0)
      and (of_batch is null or newest.batch = of_batch)
      and (equal = '{}' or jsonb_build_object(
        'priority', newest.priority,
        'version', newest.version,
        'dedupe_key', coalesce(newest.dedupe_key, newest.begun_key),
        'concurrency_key', newest.concurrency_key
      ) @> equal)
      and (kind is null or kind = (
        select supaqueue.fingerprint(coalesce(max(last.outcome), 'failed'), max(last.status), newest.error)
        from (
          select attempt.outcome, attempt.status from supaqueue.attempt where attempt.job = newest.id order by attempt.id desc limit 1
        ) as last
      )),
      false
    )
  from (
    select ended.*
    from supaqueue.job as ended
    where ended.queue = failed_fitting.queue and ended.status = 'failed' and ended.finished_at >= from_then and ended.finished_at < to_then
    order by ended.finished_at desc
    limit 100000
  ) as newest
  -- Asked for each, in place of reading all copies there are.
  where (select copy.id from supaqueue.job as copy where copy.retry_of = newest.id limit 1) is null
  limit failed_fitting.looks;
end;
$$;

comment on function supaqueue_internal.failed_fitting(uuid, jsonb, integer) is 'The failed jobs of a queue, the newest first, each with whether a filter fits it.';
