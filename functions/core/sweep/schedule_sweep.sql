-- schedule_sweep: have pg_cron call the sweep every ten seconds.
--
-- called by  the installer; harmless to repeat
-- writes     pg_cron's job table
--
-- Returns whether pg_cron is there. Without it the queue still moves on every
-- enqueue and every report; planned jobs and lost leases then wait for those.
-- Releases of pg_cron before 1.5 know no seconds. With them one run of every minute sweeps six times, and commits after
-- each, so that it holds neither locks nor an old snapshot while it waits. Its connection stays open for that long.

create or replace function supaqueue_internal.schedule_sweep()
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regprocedure('cron.schedule(text, text, text)') is null then
    return false;
  end if;
  begin
    execute 'select cron.schedule($1, $2, $3)' using 'supaqueue_sweep', '10 seconds', 'select supaqueue.sweep()';
  exception when invalid_parameter_value then
    execute 'select cron.schedule($1, $2, $3)' using
      'supaqueue_sweep', '* * * * *',
      'do $loop$ begin for look in 1..6 loop perform supaqueue.sweep(); commit; perform pg_catalog.pg_sleep(9.5); end loop; end $loop$';
  end;
  return true;
end;
$$;

comment on function supaqueue_internal.schedule_sweep() is 'For the owner alone: has pg_cron call the sweep every ten seconds. Returns whether pg_cron is there.';
