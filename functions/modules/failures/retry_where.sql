-- retry_where: put back the failed jobs that a filter fits, of a queue or of all.
--
-- called by  users
-- reads      what find_failed reads
-- writes     supaqueue.job, supaqueue.bulk_action, and what note_act writes
--
-- `filter` is an object; what it names must all fit, and {} fits all of the queue:
--   fingerprint      equal to that of the view failures
--   error            what the last error contains, in upper or lower case
--   payload          what the payload contains (@>)
--   where            a predicate of SQL/JSON about the payload, such as $.amount > 100
--   since, until     when they failed
--   batch, priority, version, dedupe_key, concurrency_key   equal; a dedupe_key also when it is free since the job began
-- The newest first, at most `most` of them, and ten thousand at once; `per_second` of them are due each second. A few
-- first (`most` => 5), then bulk_progress says whether the rest should follow.
--
-- Returns {"action", "jobs", "fitting", "looked_at", "whole"}: the id for bulk_progress and undo_bulk, how many were put
-- back, how many the filter fits, how many failed jobs were looked at, and whether those were all. Those that fit and
-- were not put back are held by somebody, or their dedupe_key is taken. With `dry_run` nothing is
-- changed, `action` is null, and `jobs` is how many would be tried.
--
-- Errors are kept whole for undo_bulk, unless those of all jobs together have more than sixteen million characters: then
-- each as far as its share goes, two thousand at least. `shortened` says of how many that is true; it is left out when of none.
--
-- Errors: SQ404 no such queue, SQ409 a transaction that does not see copies, SQ422 a filter or rate that is not valid.

create or replace function supaqueue.retry_where(
  queue text default null, filter jsonb default '{}', most integer default null, per_second double precision default null,
  dry_run boolean default false
)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  meant constant record := supaqueue_internal.find_failed(retry_where.queue, retry_where.filter, retry_where.most);
  put_back bigint[] := '{}';
  was jsonb := '{}';
  made bigint;
  share constant integer := greatest(2000, 16000000 / greatest(1, cardinality(meant.jobs)));
  shortened integer := (
    select count(*) from supaqueue.job where job.id = any (meant.jobs) and length(job.error) > share
  );
begin
  if not retry_where.dry_run then
    -- Locked before they are read: what is kept of them is what they had when they were put back.
    select coalesce(jsonb_object_agg(held.id, jsonb_build_object(
      'error', left(held.error, share), 'attempts', held.attempts, 'finished_at', held.finished_at
    )), '{}')
    into was
    from (
      select job.* from supaqueue.job
      where job.id = any (meant.jobs) and job.status = 'failed'
      order by job.id
      for no key update skip locked
    ) as held;
    put_back := array(select retried.job from supaqueue_internal.retry_failed(meant.jobs, retry_where.per_second) as retried (job));
    if cardinality(put_back) > 0 then
      insert into supaqueue.bulk_action (act, queue, filter, per_second, jobs, before)
      values (
        'retry', meant.home, retry_where.filter, retry_where.per_second, put_back,
        (select jsonb_agg(was -> done.job::text order by done.place) from unnest(put_back) with ordinality as done (job, place))
      )
      returning bulk_action.id into made;
      perform supaqueue_internal.note_bulk('retry failed jobs', meant.home, cardinality(put_back), retry_where.filter, retry_where.per_second);
    end if;
  end if;
  return jsonb_build_object(
    'action', made,
    'jobs', case when retry_where.dry_run then cardinality(meant.jobs) else cardinality(put_back) end,
    'fitting', cardinality(meant.jobs),
    'looked_at', meant.looked_at,
    'whole', meant.whole
  ) || case when shortened > 0 then jsonb_build_object('shortened', shortened) else '{}' end;
end;
$$;

comment on function supaqueue.retry_where(text, jsonb, integer, double precision, boolean) is 'Runs failed jobs again that match a filter. Returns how many, and an id to follow or undo it.';
