-- cron_day: the first day from a given one on that a cron expression means.
--
-- With `either` a day of the month or a day of the week will do, otherwise it must
-- be both. Null when there is none in 41 years: the 29th of February falls on each
-- day of the week within 40.

create or replace function supaqueue_internal.cron_day(
  first date, days integer[], months integer[], weekdays integer[], either boolean
)
returns date
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  day date := cron_day.first;
  is_day boolean;
  is_weekday boolean;
begin
  while day < cron_day.first + 41 * 366 loop
    if extract(month from day)::integer = any (cron_day.months) then
      is_day := extract(day from day)::integer = any (cron_day.days);
      is_weekday := extract(dow from day)::integer = any (cron_day.weekdays);
      if is_day and is_weekday or cron_day.either and (is_day or is_weekday) then
        return day;
      end if;
      day := day + 1;
    else
      day := (date_trunc('month', day::timestamp) + interval '1 month')::date;
    end if;
  end loop;
  return null;
end;
$$;

comment on function supaqueue_internal.cron_day(date, integer[], integer[], integer[], boolean) is 'The first day from a given one on that a cron expression means.';
