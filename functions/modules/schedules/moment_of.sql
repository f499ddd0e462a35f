-- moment_of: when the clocks of a time zone show a certain time for the first time.
--
-- A time that they leave out, since they are put forward over it, comes at the moment
-- they are put forward. Of a time that they show twice the first moment is meant.

create or replace function supaqueue_internal.moment_of(wall timestamp, time_zone text)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  moment timestamptz := moment_of.wall at time zone moment_of.time_zone;
  left_out interval := (moment at time zone moment_of.time_zone) - moment_of.wall;
  day_before constant timestamptz := moment - interval '1 day';
  earlier timestamptz;
  middle timestamptz;
begin
  if left_out = interval '0' then
    -- The same time by the clocks as they went the day before.
    earlier := moment_of.wall at time zone 'UTC'
      - ((day_before at time zone moment_of.time_zone) - (day_before at time zone 'UTC'));
    if earlier at time zone moment_of.time_zone = moment_of.wall then
      return earlier;
    end if;
    return moment;
  end if;

  -- The clocks went as before until some moment after `earlier`, and at `moment` they go as afterwards.
  earlier := moment - left_out;
  while moment - earlier > interval '1 second' loop
    middle := date_trunc('second', earlier + (moment - earlier) / 2);
    if (middle at time zone moment_of.time_zone) < moment_of.wall then
      earlier := middle;
    else
      moment := middle;
    end if;
  end loop;
  return moment;
end;
$$;

comment on function supaqueue_internal.moment_of(timestamp, text) is 'When the clocks of a time zone show a certain time for the first time, or are put forward over it.';
