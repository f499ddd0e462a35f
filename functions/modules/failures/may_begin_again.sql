-- may_begin_again: locks some failed jobs, and says which of them may be put back, or copied.
--
-- reads      supaqueue.job; locks those that it may
--
-- Of `jobs` those that are failed, of the `queue` and the `batch` where these are given, `most` at most. Left
-- alone are those that somebody holds, that were copied, and those whose dedupe_key another job has taken: of
-- several with the same key the newest is the one. Looked at once they are held, and not before, so that the
-- copies of whoever held one until just now are seen.
--
-- Errors: SQ409 in a transaction that cannot see them.

create or replace function supaqueue_internal.may_begin_again(
  jobs bigint[], queue uuid default null, batch uuid default null, most integer default null
)
returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
set jit = off
as $$
declare
  held bigint[];
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception using
      errcode = 'SQ409',
      message = format('a %s transaction does not see whether a job was copied meanwhile', current_setting('transaction_isolation')),
      hint = 'Call it in a transaction of its own. Nothing was changed.';
  end if;
  held := array(
    select job.id
    from supaqueue.job
    where job.id = any (may_begin_again.jobs)
      and job.status = 'failed'
      and job.queue = coalesce(may_begin_again.queue, job.queue)
      and (may_begin_again.batch is null or job.batch = may_begin_again.batch)
    order by job.id
    limit case when may_begin_again.most < 0 then 0 else may_begin_again.most end
    for no key update skip locked
  );

  return array(
    select failed.id
    from (
      select
        job.*,
        row_number() over (
          partition by job.queue, job.dedupe_key, case when job.dedupe_key is null then job.id end order by job.id desc
        ) as older
      from supaqueue.job
      where job.id = any (held)
    ) as failed
    where failed.older = 1
      and not exists (select from supaqueue.job as copy where copy.retry_of = failed.id)
      and not exists (
        select from supaqueue.job as other
        where other.queue = failed.queue
          and other.dedupe_key = failed.dedupe_key
          and other.status in ('held', 'pending', 'in_progress')
      )
    order by failed.id
  );
end;
$$;

comment on function supaqueue_internal.may_begin_again(bigint[], uuid, uuid, integer) is 'Locks some failed jobs, and says which of them may be put back, or copied.';
