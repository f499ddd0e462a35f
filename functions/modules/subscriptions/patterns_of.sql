-- patterns_of: all patterns that a topic fits.
--
-- Each word as it is or as *, and each beginning with ** after it: of eight words, 511. So that those who
-- subscribed are found by index, however many there are.

create or replace function supaqueue_internal.patterns_of(topic text)
returns text[]
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  words constant text[] := string_to_array(patterns_of.topic, '.');
  starts text[] := '{""}';
  found_patterns text[] := '{**}';
begin
  for i in 1 .. cardinality(words) loop
    starts := array(
      select concat(start, case when i > 1 then '.' end, word)
      from unnest(starts) as start
      cross join unnest(array[words[i], '*']) as word
    );
    found_patterns := found_patterns || case
      when i = cardinality(words) then starts
      else array(select start || '.**' from unnest(starts) as start)
    end;
  end loop;
  return found_patterns;
end;
$$;

comment on function supaqueue_internal.patterns_of(text) is 'All patterns that a topic fits.';
