-- snapshot_faults: who keeps in place what supaqueue is done with, and slows every queue down by that.
--
-- reads      pg_stat_activity, and what PostgreSQL counts of dead rows; locks nothing
--
-- A list of one finding, or of none. What the oldest transaction of the database might still read, PostgreSQL removes from no
-- table and no index, so every look for due jobs and free workers passes over all that was done since. Named once that
-- weighs: with a transaction that is older than `older_than` and twenty thousand dead rows. Standbys are not looked at.
--
-- Security definer: only who may read all statistics sees the sessions of others.

create or replace function supaqueue_internal.snapshot_faults(older_than interval default '5 minutes')
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  dead constant bigint := pg_stat_get_dead_tuples('supaqueue.job'::regclass)
    + pg_stat_get_dead_tuples('supaqueue.current_job'::regclass)
    + pg_stat_get_dead_tuples('supaqueue.worker'::regclass)
    + pg_stat_get_dead_tuples('supaqueue.heartbeat'::regclass);
  holder record;
begin
  if dead < 20000 then
    return '[]';
  end if;
  select activity.pid, activity.usename, nullif(activity.application_name, '') as application, activity.xact_start into holder
  from pg_stat_activity as activity
  where activity.datname = current_database()
    and activity.pid <> pg_backend_pid()
    and (activity.backend_xmin is not null or activity.backend_xid is not null)
    and activity.xact_start < clock_timestamp() - snapshot_faults.older_than
    -- What a vacuum reads keeps nothing in place.
    and activity.backend_type <> 'autovacuum worker'
    and activity.pid not in (select progress.pid from pg_stat_progress_vacuum as progress)
  order by greatest(age(activity.backend_xmin), age(activity.backend_xid)) desc
  limit 1;
  if not found then
    return '[]';
  end if;
  return jsonb_build_array(supaqueue_internal.finding(
    'old_snapshot', 'warning',
    format(
      'a transaction of %s (pid %s%s) has been open for %s and keeps %s rows in place that supaqueue is done with: the longer it lasts, the later jobs begin',
      holder.usename, holder.pid, ', ' || holder.application, supaqueue_internal.say_interval(clock_timestamp() - holder.xact_start), dead
    ),
    format('select pg_terminate_backend(%s);', holder.pid), holder.xact_start
  ));
end;
$$;

comment on function supaqueue_internal.snapshot_faults(interval) is 'Who keeps in place what supaqueue is done with, and slows every queue down by that.';
