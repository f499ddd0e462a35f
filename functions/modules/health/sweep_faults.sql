-- sweep_faults: what is wrong with the sweep and its chores, and what was set aside.
--
-- reads      supaqueue.last_sweep, supaqueue.chore, supaqueue.trouble, what platform_state reads; locks nothing
--
-- A list of findings; empty when all is well. A sweep that never ran is given two minutes from the last start of
-- anything else to compare with: the first chore that was registered.

create or replace function supaqueue_internal.sweep_faults(platform jsonb default null)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  cron constant jsonb := coalesce(sweep_faults.platform, supaqueue_internal.platform_state()) -> 'cron';
  swept constant timestamptz := (select last_sweep.swept_at from supaqueue.last_sweep);
  late constant boolean := coalesce(swept < at - interval '2 minutes', true);
  story constant text := 'planned jobs, waits between attempts and lost calls stand still';
  listed jsonb := '[]';
  entry record;
begin
  if late then
    if not (cron ->> 'there')::boolean then
      listed := listed || supaqueue_internal.finding(
        'sweep_missing', 'error',
        concat('nothing calls the sweep, for pg_cron is not there', ', since ' || supaqueue_internal.say_interval(at - swept), ': ', story),
        'create extension pg_cron with schema pg_catalog; select supaqueue_internal.schedule_sweep();', swept
      );
    elsif not (cron ->> 'scheduled')::boolean then
      listed := listed || supaqueue_internal.finding(
        'sweep_missing', 'error', concat('pg_cron has no job supaqueue_sweep: ', story),
        'select supaqueue_internal.schedule_sweep();', swept
      );
    elsif not (cron ->> 'active')::boolean then
      listed := listed || supaqueue_internal.finding(
        'sweep_switched_off', 'error', concat('the cron job supaqueue_sweep is switched off: ', story),
        format('select cron.alter_job(%s, active := true);', cron ->> 'job'), swept
      );
    elsif cron ->> 'last_status' = 'failed' then
      listed := listed || supaqueue_internal.finding(
        'sweep_failed', 'error', format('the sweep fails: %s', cron ->> 'last_message'), 'select supaqueue.sweep();', swept
      );
    elsif swept is not null then
      listed := listed || supaqueue_internal.finding(
        'sweep_silent', 'error',
        format('the sweep last ran %s ago, for pg_cron stands still: %s', supaqueue_internal.say_interval(at - swept), story),
        'Restart the project: Project Settings, General', swept
      );
    end if;
  end if;

  for entry in
    select chore.* from supaqueue.chore where chore.failures > 0 order by chore.failures desc, chore.place limit 10
  loop
    listed := listed || supaqueue_internal.finding(
      'chore_failed', 'warning',
      format(
        'the chore %s of the sweep has failed %s: %s (%s)', entry.name,
        case entry.failures when 1 then 'once' else entry.failures || ' times in a row' end, entry.error, entry.code
      ),
      format('select supaqueue_internal.%I(most => 1);', entry.routine),
      entry.last_ok_at
    );
  end loop;

  for entry in
    select known.kind, count(*) as things, min(known.subject) as subject, min(known.reason) as reason, min(known.since) as since
    from (select * from supaqueue.trouble limit 10000) as known
    group by known.kind
    order by count(*) desc, known.kind
    limit 10
  loop
    listed := listed || supaqueue_internal.finding(
      'set_aside', 'warning',
      format('%s of kind %s set aside, such as %s: %s', entry.things, entry.kind, entry.subject, entry.reason),
      'select supaqueue.try_again();', entry.since
    );
  end loop;
  return listed;
end;
$$;

comment on function supaqueue_internal.sweep_faults(jsonb) is 'What is wrong with the sweep and its chores, and what was set aside.';
