-- cron_field: the numbers that one field of a cron expression means, in order.
--
-- A list of `*`, numbers, names and ranges, each with or without a step. `names` are
-- those of the numbers from `lowest` on. Null when it is not valid. Of weekdays,
-- which have 7 as their highest number, 7 is Sunday, as 0 is.

create or replace function supaqueue_internal.cron_field(
  field text, lowest integer, highest integer, names text[] default '{}'
)
returns integer[]
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
  part text;
  piece text[];
  one integer;
  other integer;
  numbers integer[] := '{}';
begin
  foreach part in array coalesce(string_to_array(lower(cron_field.field), ','), '{}') loop
    piece := regexp_match(part, '^(\*|([a-z]{3}|\d{1,2})(-([a-z]{3}|\d{1,2}))?)(/(\d{1,2}))?$');
    one := case
      when piece[1] = '*' then cron_field.lowest
      when piece[2] ~ '\d' then piece[2]::integer
      else cron_field.lowest - 1 + array_position(cron_field.names, piece[2])
    end;
    other := case
      when piece[4] ~ '\d' then piece[4]::integer
      when piece[4] is not null then cron_field.lowest - 1 + array_position(cron_field.names, piece[4])
      -- Without an end: all that follow, when there is a step.
      when piece[1] = '*' or piece[6] is not null then least(cron_field.highest, case cron_field.highest when 7 then 6 end)
      else one
    end;
    -- A week may end with Sunday.
    if other = 0 and one > 0 and cron_field.highest = 7 then
      other := 7;
    end if;
    if one is null or other is null or one < cron_field.lowest or other > cron_field.highest or other < one
      or piece[6]::integer = 0
    then
      return null;
    end if;
    numbers := numbers || array(
      select case when cron_field.highest = 7 then number % 7 else number end
      from generate_series(one, other, coalesce(piece[6]::integer, 1)) as number
    );
  end loop;

  return nullif(array(select distinct number from unnest(numbers) as number order by number), '{}');
end;
$$;

comment on function supaqueue_internal.cron_field(text, integer, integer, text[]) is 'The numbers that one field of a cron expression means.';
