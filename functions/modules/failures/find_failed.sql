-- find_failed: the failed jobs that a filter fits, the newest first.
--
-- reads      supaqueue.queue, and what failed_fitting reads
--
-- Of a queue, by name or id, or of all; then the filter must name something. It looks at ten thousand jobs: at so many
-- of one queue, and of all queues together, but at two hundred of each at least. `whole` says whether those were all
-- there are within the filter's times. `jobs` has at most `most`, and ten thousand.
--
-- Errors: SQ404 no such queue, SQ422 a filter that cannot be read, or that would fit all jobs there are.

create or replace function supaqueue_internal.find_failed(
  queue text, filter jsonb, most integer, out home uuid, out jobs bigint[], out looked_at bigint, out whole boolean
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  known constant text[] := '{fingerprint, error, payload, where, since, until, batch, priority, version, dedupe_key, concurrency_key}';
  looks integer := 10000;
begin
  if (case when jsonb_typeof(find_failed.filter) = 'object' then find_failed.filter - known <> '{}' else true end) then
    raise exception using
      errcode = 'SQ422',
      message = 'a filter is an object that names what failed jobs must have',
      hint = 'Nothing was changed. It may have ' || array_to_string(known, ', ') || '.';
  end if;
  if find_failed.queue is null and find_failed.filter = '{}' then
    raise exception using
      errcode = 'SQ422',
      message = 'neither a queue nor a filter says which failed jobs are meant',
      hint = 'Nothing was changed. Name a queue, or what the jobs have in common, such as {"error": "timeout"}.';
  end if;
  -- Read here, too: where there is no job to look at, it would be taken.
  perform
    (find_failed.filter ->> 'since')::timestamptz, (find_failed.filter ->> 'until')::timestamptz,
    (find_failed.filter ->> 'where')::jsonpath, (find_failed.filter ->> 'batch')::uuid;
  if find_failed.queue is not null then
    home := (supaqueue_internal.find_queue(find_failed.queue)).id;
  else
    select greatest(200, 10000 / greatest(count(*), 1)) into looks from supaqueue.queue;
  end if;

  select
    coalesce((array_agg(seen.job order by seen.failed_at desc, seen.job desc) filter (where seen.fits))
      [:least(10000, greatest(coalesce(find_failed.most, 10000), 0))], '{}'),
    count(*),
    coalesce(max(seen.place) < looks, true)
  into jobs, looked_at, whole
  from (
    select fitting.*, row_number() over (partition by queue.id) as place
    from supaqueue.queue
    cross join lateral supaqueue_internal.failed_fitting(queue.id, find_failed.filter, looks) as fitting
    where queue.id = home or home is null
  ) as seen;
-- A path may also be nested deeper than the stack is.
exception when data_exception or syntax_error or statement_too_complex then
  raise exception using
    errcode = 'SQ422',
    message = format('the filter cannot be read: %s', left(sqlerrm, 300)),
    hint = 'Nothing was changed. since and until are times, batch is an id, payload is what the payload contains, and where is a predicate of SQL/JSON such as $.user.id == 7.';
end;
$$;

comment on function supaqueue_internal.find_failed(text, jsonb, integer) is 'The failed jobs that a filter fits, the newest first.';
