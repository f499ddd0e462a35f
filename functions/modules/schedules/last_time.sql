-- last_time: the last time of a cron expression that is not after `at`.
--
-- `first` is one of its times and not after `at`. Halves what lies between the two,
-- so that a month of minutes takes no more than a few dozen steps.

create or replace function supaqueue_internal.last_time(cron text, time_zone text, first timestamptz, at timestamptz)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  last timestamptz := last_time.first;
  following timestamptz := supaqueue.next_time(last_time.cron, last_time.time_zone, last);
  -- None comes between this and `at`.
  none_after timestamptz := last_time.at;
  middle timestamptz;
  beyond timestamptz;
begin
  while following <= last_time.at loop
    middle := following + (none_after - following) / 2;
    beyond := supaqueue.next_time(last_time.cron, last_time.time_zone, middle);
    if beyond <= last_time.at then
      last := beyond;
    else
      last := following;
      none_after := middle;
    end if;
    following := supaqueue.next_time(last_time.cron, last_time.time_zone, last);
  end loop;
  return last;
end;
$$;

comment on function supaqueue_internal.last_time(text, text, timestamptz, timestamptz) is 'The last time of a cron expression that is not after a given one.';
