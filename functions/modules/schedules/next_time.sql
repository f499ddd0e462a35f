-- next_time: when a cron expression comes next, by the clocks of a time zone.
--
-- called by  people, too, by hand
--
-- minute hour day-of-month month day-of-week: numbers, names, ranges, lists, steps;
-- or @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually. If day of the
-- month and day of the week are both given, either will do; one that begins with `*`
-- is not given.
--
-- When the clocks are put forward, what falls into the time they leave out comes at
-- the moment they are put forward; when they are put back, what falls into the
-- doubled time comes once. With `*` for the hour there is nothing to make up for:
-- every ten minutes stays every ten minutes.
--
-- Strictly after `after`. Null when it never comes.

create or replace function supaqueue.next_time(
  cron text, time_zone text default 'UTC', after timestamptz default clock_timestamp()
)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
  fields constant text[] := regexp_split_to_array(case lower(btrim(next_time.cron))
    when '@hourly' then '0 * * * *'
    when '@daily' then '0 0 * * *'
    when '@midnight' then '0 0 * * *'
    when '@weekly' then '0 0 * * 0'
    when '@monthly' then '0 0 1 * *'
    when '@yearly' then '0 0 1 1 *'
    when '@annually' then '0 0 1 1 *'
    else btrim(left(next_time.cron, 1000), e' \t\n')
  end, '\s+');
  minutes constant integer[] := supaqueue_internal.cron_field(fields[1], 0, 59);
  hours constant integer[] := supaqueue_internal.cron_field(fields[2], 0, 23);
  days constant integer[] := supaqueue_internal.cron_field(fields[3], 1, 31);
  months constant integer[] := supaqueue_internal.cron_field(
    fields[4], 1, 12, '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}'
  );
  weekdays constant integer[] := supaqueue_internal.cron_field(fields[5], 0, 7, '{sun,mon,tue,wed,thu,fri,sat}');
  either constant boolean := left(fields[3], 1) <> '*' and left(fields[5], 1) <> '*';
  -- Beyond these ends no clock of a zone can be read; nothing comes of what is further.
  since constant timestamptz := case
    when next_time.after > '-infinity' and next_time.after < '9999-12-31 00:00:00+00' then greatest(next_time.after, '0001-01-02 00:00:00+00')
  end;
  wall timestamp;
  asked date;
  day date;
  hour integer;
  minute integer;
  moment timestamptz;
begin
  if length(next_time.cron) > 1000 or cardinality(fields) is distinct from 5 or num_nulls(minutes, hours, days, months, weekdays) > 0 then
    raise exception using
      errcode = 'SQ422',
      message = format('"%s" is not a cron expression', left(next_time.cron, 200)),
      hint = 'Five fields: minute hour day-of-month month day-of-week, such as ''30 8 * * mon-fri''; or @hourly, @daily, @weekly, @monthly, @yearly.';
  end if;

  begin
    wall := coalesce(since, '2000-01-01 00:00:00+00') at time zone next_time.time_zone;
  exception when invalid_parameter_value then
    wall := null;
  end;
  -- PostgreSQL takes UTC+2 for two hours west of Greenwich, the opposite of what it says.
  if next_time.time_zone is null or next_time.time_zone !~ '^[A-Za-z]' or next_time.time_zone ~ '^[A-Za-z]+[+-]\d'
    or wall is null
    -- What PostgreSQL takes for an abbreviation is one offset, in summer and in winter, also where a zone has that name.
    or strpos(next_time.time_zone, '/') = 0 and upper(next_time.time_zone) not in ('UTC', 'UCT', 'GMT', 'ZULU')
      and exists (select from pg_timezone_abbrevs where pg_timezone_abbrevs.abbrev = upper(next_time.time_zone))
  then
    raise exception using
      errcode = 'SQ422',
      message = format('"%s" is not a time zone', left(next_time.time_zone, 200)),
      hint = 'Write its name, such as UTC or Europe/Berlin: select name from pg_timezone_names. An abbreviation, such as CET, does not say when the clocks change.';
  end if;
  if since is null then
    return null;
  end if;

  if cardinality(hours) = 24 then
    moment := date_trunc('minute', since, 'UTC') + interval '1 minute';
    loop
      wall := moment at time zone next_time.time_zone;
      if asked is distinct from wall::date then
        asked := wall::date;
        day := supaqueue_internal.cron_day(asked, days, months, weekdays, either);
      end if;
      if day is null then
        return null;
      end if;
      if day = asked and extract(minute from wall)::integer = any (minutes) then
        return case when moment < '9999-12-31 23:59:59+00' then moment end;
      end if;
      moment := moment + interval '1 minute';
      if day > asked then
        -- No clocks are put forward or back by more than that in a night.
        moment := greatest(moment, (day::timestamp at time zone next_time.time_zone) - interval '3 hours');
      end if;
    end loop;
  end if;

  asked := wall::date;
  loop
    day := supaqueue_internal.cron_day(asked, days, months, weekdays, either);
    if day is null then
      return null;
    end if;
    foreach hour in array hours loop
      foreach minute in array minutes loop
        if day + make_interval(hours => hour, mins => minute) > wall - interval '1 minute' then
          moment := supaqueue_internal.moment_of(day + make_interval(hours => hour, mins => minute), next_time.time_zone);
          if moment > since then
            return case when moment < '9999-12-31 23:59:59+00' then moment end;
          end if;
        end if;
      end loop;
    end loop;
    asked := day + 1;
  end loop;
end;
$$;

comment on function supaqueue.next_time(text, text, timestamptz) is 'Returns the next time of a cron expression in a time zone. Null: never.';
