-- keep_what_fits: which of the jobs that a turn took fit into its answer.
--
-- writes     supaqueue.current_job
--
-- In the order in which they are called, as long as payloads and states have at most
-- `max_bytes` together; the first one always, whatever its size. The others belong to
-- no run from now on: the next turn takes them over. A batch goes as a whole. Returns the tokens that fit. A turn asks only
-- when what is stored is more than a ninetieth of that: each payload is read.

create or replace function supaqueue_internal.keep_what_fits(tokens uuid[], max_bytes integer)
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  claim record;
  bytes bigint := 0;
  carried uuid[] := '{}';
begin
  if cardinality(keep_what_fits.tokens) < 2 then
    return keep_what_fits.tokens;
  end if;

  for claim in
    select array_agg(entry.id) as ids, array_agg(entry.job) as jobs
    from (
      select
        current_job.id, current_job.job, coalesce(current_job.call, current_job.id) as call,
        row_number() over (order by job.priority desc, job.run_at, job.id) as turn
      from supaqueue.current_job
      join supaqueue.job on job.id = current_job.job
      where current_job.id = any (keep_what_fits.tokens)
    ) as entry
    group by entry.call
    order by min(entry.turn)
  loop
    bytes := bytes + (
      select sum(octet_length(job.payload::text) + coalesce(octet_length(job.state::text), 0))
      from supaqueue.job where job.id = any (claim.jobs)
    );
    exit when bytes > keep_what_fits.max_bytes and carried <> '{}';
    carried := carried || claim.ids;
  end loop;

  begin
    update supaqueue.current_job
    set dispatcher = null, begun_at = null, lease_until = clock_timestamp() + interval '15 seconds'
    where current_job.id = any (keep_what_fits.tokens) and current_job.id <> all (carried);
    perform supaqueue_internal.fire_deferred();
  exception when query_canceled or assert_failure or others then
    -- They stay with this run, which has not heard of them: once their leases are over the sweep takes them back, and no
    -- attempt was used.
    null;
  end;
  return carried;
end;
$$;

comment on function supaqueue_internal.keep_what_fits(uuid[], integer) is 'Which of the jobs that a turn took fit into its answer; the others are nobody''s again.';
