-- whole_calls: the current jobs of batches, by one of each.
--
-- locks      supaqueue.current_job
--
-- In place of the core's default.
-- The caller holds the first that is left of each. Returns their tokens with those of all others; a batch of which
-- somebody holds one is left out, as a worker has one call.

create or replace function supaqueue_internal.whole_calls(firsts uuid[])
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  calls constant uuid[] := array(
    select current_job.call from supaqueue.current_job
    where current_job.id = any (whole_calls.firsts) and current_job.call_size > 1
  );
  held constant uuid[] := array(
    select current_job.id from supaqueue.current_job
    where current_job.call = any (calls)
    for update skip locked
  );
begin
  return array(
    select token from unnest(whole_calls.firsts) as token
    where not exists (select from supaqueue.current_job where current_job.id = token and current_job.call_size > 1)
  ) || array(
    select current_job.id
    from supaqueue.current_job
    where current_job.id = any (held)
      and not exists (
        select from supaqueue.current_job as other
        where other.call = current_job.call and other.id <> all (held)
      )
  );
end;
$$;

comment on function supaqueue_internal.whole_calls(uuid[]) is 'The current jobs of batches, by one of each.';
