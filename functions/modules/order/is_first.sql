-- is_first: whether a job is due, and the first of its line.
--
-- reads      supaqueue.job, supaqueue.trouble, and what ahead_in_line reads
--
-- Not one that was set aside since it cannot be begun: its line waits for it. `version`: only of that version of the payload.

create or replace function supaqueue_internal.is_first(job bigint, at timestamptz, version integer)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  seen supaqueue.job;
begin
  select * into seen from supaqueue.job where job.id = is_first.job;
  return seen.status = 'pending'
    and seen.run_at <= is_first.at
    and (is_first.version is null or seen.version is not distinct from is_first.version)
    and supaqueue_internal.ahead_in_line(seen) is null
    and not exists (
      select from supaqueue.trouble where trouble.job = is_first.job and trouble.kind = 'begin' and trouble.queue = seen.queue
    );
end;
$$;

comment on function supaqueue_internal.is_first(bigint, timestamptz, integer) is 'Whether a job is due, and the first of its line.';
