-- prune_cron_history: delete what pg_cron wrote about our own jobs more than a day ago.
--
-- writes     cron.job_run_details: rows of jobs whose names begin with supaqueue_, no others
--
-- Returns how many rows. pg_cron keeps every run for ever, and its table has no index
-- but that of runid, which grows with time: so the last row of more than a
-- day ago is found by halving, and at most ten times `most` rows before it are
-- looked at. Does nothing without pg_cron, or for a role that may not write there.

create or replace function supaqueue_internal.prune_cron_history(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  kept_from constant timestamptz := clock_timestamp() - interval '1 day';
  low bigint;
  high bigint;
  middle bigint;
  pruned integer;
begin
  if not coalesce(has_schema_privilege(to_regnamespace('cron'), 'usage'), false) then
    return 0;
  end if;
  if not coalesce(has_table_privilege(to_regclass('cron.job_run_details'), 'delete'), false) then
    return 0;
  end if;

  select min(runid), max(runid) into low, high from cron.job_run_details;
  while low < high loop
    middle := low + (high - low + 1) / 2;
    if coalesce((
      select start_time
      from cron.job_run_details
      where runid >= middle and start_time is not null
      order by runid
      limit 1
    ) < kept_from, false) then
      low := middle;
    else
      high := middle - 1;
    end if;
  end loop;

  delete from cron.job_run_details
  where runid in (
    select old.runid
    from (
      select runid, jobid, end_time
      from cron.job_run_details
      where runid <= low
      order by runid desc
      limit prune_cron_history.most * 10
    ) as old
    join cron.job on job.jobid = old.jobid
    where starts_with(job.jobname, 'supaqueue_') and old.end_time < kept_from
    limit prune_cron_history.most
  );
  get diagnostics pruned = row_count;
  return pruned;
end;
$$;

comment on function supaqueue_internal.prune_cron_history(integer) is 'Deletes what pg_cron wrote about our own jobs more than a day ago. Returns how many rows.';

insert into supaqueue.chore (name, place, routine) values ('cron_history', 125, 'prune_cron_history')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
