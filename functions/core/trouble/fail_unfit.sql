-- fail_unfit: of jobs that are about to be handed out, those that nobody could carry fail.
--
-- writes     what report_safely writes
--
-- Such a job cannot be inserted; it may be in the table all the same, since before, or with
-- triggers off. One would keep all that are handed out with it from arriving, again and
-- again. Returns the tokens that are left, and the workers of those that failed: they are
-- still marked locked.

create or replace function supaqueue_internal.fail_unfit(queue uuid, begun uuid[], out fit uuid[], out freed uuid[])
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  unfit jsonb;
begin
  fail_unfit.fit := fail_unfit.begun;
  fail_unfit.freed := '{}';

  select jsonb_agg(jsonb_build_object('token', looked_at.token, 'outcome', 'killed', 'error', looked_at.reason)) into unfit
  from (
    select current_job.id as token, coalesce(
      'its payload ' || supaqueue_internal.json_fault(job.payload),
      case when job.state is not null then 'its state ' || supaqueue_internal.json_fault(job.state) end,
      case when pg_column_size(job.payload) > 67108864 then 'its payload takes more than 64 MB' end
    ) as reason
    from supaqueue.current_job
    join supaqueue.job on job.id = current_job.job
    where current_job.id = any (fail_unfit.begun)
  ) as looked_at
  where looked_at.reason is not null;
  if unfit is null then
    return;
  end if;

  -- One that not even this can be said of, because of a trigger of the user's for example, is parked.
  fail_unfit.freed := (supaqueue_internal.report_safely(unfit, fail_unfit.queue, tries => 1)).freed;
  fail_unfit.fit := array(
    select token from unnest(fail_unfit.begun) as token where not unfit @> jsonb_build_array(jsonb_build_object('token', token))
  );
end;
$$;

comment on function supaqueue_internal.fail_unfit(uuid, uuid[]) is 'Fails jobs that nobody could carry, and returns the others.';
