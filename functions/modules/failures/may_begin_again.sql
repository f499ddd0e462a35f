-- may_begin_again: which of some failed jobs may be put back, or copied.
--
-- expects    that its caller holds them
-- reads      supaqueue.job
--
-- Those that were not copied, and whose dedupe_key no other job has taken: of several
-- with the same key the newest. Called once the jobs are held, and not before, it sees
-- the copies of whoever held one until just now.

create or replace function supaqueue_internal.may_begin_again(jobs bigint[])
returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
set jit = off
as $$
begin
  return array(
    select failed.id
    from (
      select
        job.*,
        row_number() over (
          partition by job.queue, job.dedupe_key, case when job.dedupe_key is null then job.id end order by job.id desc
        ) as older
      from supaqueue.job
      where job.id = any (may_begin_again.jobs)
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

comment on function supaqueue_internal.may_begin_again(bigint[]) is 'Which of some failed jobs may be put back, or copied.';
