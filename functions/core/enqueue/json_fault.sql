-- json_fault: why a JSON value is not taken, whatever its size: a few bytes of it would
-- unfold into very many, or nobody could read it.
--
-- Null when nothing is wrong. `1e131071` takes 8 bytes, and 131,072 as text; `0e-16383` is the
-- same downwards. So a number is one that a double can hold, with at most 341 decimal
-- places, which is what the smallest double has. Nesting ends at 500 levels.
--
-- Asked of the number itself, never of its text. A quotient has at least as many decimal
-- places as what is divided, so 1/3 tells how many a number has, whatever its value. Who looks at very many values
-- has the same path in place of a call for each.

create or replace function supaqueue_internal.json_fault(value jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when value @@ 'strict exists($.**{501}) || exists($.** ? (@.type() == "number" && (@ > 1.8e308 || @ < -1.8e308 || 1 - (@ * 0 + 1) / 3 * 3 < 1e-341)))' is not false
    then case when value @? 'strict $.**{501}'
      then 'is nested more than 500 levels deep'
      else 'has a number that no double holds, or one with more than 341 decimal places'
    end
  end
  where value is not null
$$;

comment on function supaqueue_internal.json_fault(jsonb) is 'Why a JSON value is not taken: a number that would unfold, or nesting without end. Null if it is.';
