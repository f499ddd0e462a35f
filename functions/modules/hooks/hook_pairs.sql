-- hook_pairs: the `from` of SQL that looks at the rows of one statement, before (supaqueue_old) and after (supaqueue_new).
--
-- inserted, deleted  one side is null
-- keyed      by the whole primary key; one side is null where the key moved. A full join, which no plan
--            can do by going through one side for each row of the other
-- collapsed  as keyed, for rows that cascades changed more than once: what one change left and the next one found is left out, on
--            both sides. A key that still stands twice is one of rows of different tables, of which one inherits from the other:
--            the first belongs to the first, and so on
-- placed     by their places, which are the same in both; where the counts differ, as rows that left and rows that came
--
-- Both sides have the columns of the table, and `supaqueue_whole`, the row. A column is never taken out of that: where
-- columns were dropped, PostgreSQL takes another. Names in a user's table are anybody's, so ours are
-- called supaqueue_something.

create or replace function supaqueue_internal.hook_pairs(kind text, keys text[], operators text[])
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case hook_pairs.kind
    when 'inserted' then $sql$(
        select supaqueue_row.*, supaqueue_row as supaqueue_whole from supaqueue_new_rows as supaqueue_row
      ) as supaqueue_new
      left join (
        select supaqueue_row.*, supaqueue_row as supaqueue_whole from supaqueue_new_rows as supaqueue_row limit 0
      ) as supaqueue_old on true$sql$
    when 'deleted' then $sql$(
        select supaqueue_row.*, supaqueue_row as supaqueue_whole from supaqueue_old_rows as supaqueue_row
      ) as supaqueue_old
      left join (
        select supaqueue_row.*, supaqueue_row as supaqueue_whole from supaqueue_old_rows as supaqueue_row limit 0
      ) as supaqueue_new on true$sql$
    when 'keyed' then format($sql$(
        select supaqueue_row.*, supaqueue_row as supaqueue_whole from supaqueue_old_rows as supaqueue_row
      ) as supaqueue_old
      full join (
        select supaqueue_row.*, supaqueue_row as supaqueue_whole from supaqueue_new_rows as supaqueue_row
      ) as supaqueue_new on %s$sql$, matched)
    when 'collapsed' then format($sql$(
        select kept.*, row_number() over (partition by %1$s order by kept.supaqueue_place) as supaqueue_line
        from (
          select supaqueue_row.*, supaqueue_row as supaqueue_whole, row_number() over () as supaqueue_place
          from supaqueue_old_rows as supaqueue_row
        ) as kept
        where not exists (
          select
          from (
            select supaqueue_row.*, supaqueue_row as supaqueue_whole, row_number() over () as supaqueue_place
            from supaqueue_new_rows as supaqueue_row
          ) as other
          where %2$s and other.supaqueue_place < kept.supaqueue_place
            and other.supaqueue_whole operator(pg_catalog.*=) kept.supaqueue_whole
        )
      ) as supaqueue_old
      full join (
        select kept.*, row_number() over (partition by %1$s order by kept.supaqueue_place) as supaqueue_line
        from (
          select supaqueue_row.*, supaqueue_row as supaqueue_whole, row_number() over () as supaqueue_place
          from supaqueue_new_rows as supaqueue_row
        ) as kept
        where not exists (
          select
          from (
            select supaqueue_row.*, supaqueue_row as supaqueue_whole, row_number() over () as supaqueue_place
            from supaqueue_old_rows as supaqueue_row
          ) as other
          where %2$s and other.supaqueue_place > kept.supaqueue_place
            and other.supaqueue_whole operator(pg_catalog.*=) kept.supaqueue_whole
        )
      ) as supaqueue_new on %3$s and supaqueue_old.supaqueue_line = supaqueue_new.supaqueue_line$sql$, parts, same, matched)
    when 'placed' then $sql$(
        select
          supaqueue_row.*, supaqueue_row as supaqueue_whole,
          row_number() over () as supaqueue_place, count(*) over () as supaqueue_total
        from supaqueue_old_rows as supaqueue_row
      ) as supaqueue_old
      full join (
        select
          supaqueue_row.*, supaqueue_row as supaqueue_whole,
          row_number() over () as supaqueue_place, count(*) over () as supaqueue_total
        from supaqueue_new_rows as supaqueue_row
      ) as supaqueue_new
        on supaqueue_old.supaqueue_place = supaqueue_new.supaqueue_place
        and supaqueue_old.supaqueue_total = supaqueue_new.supaqueue_total$sql$
  end
  from (
    select
      string_agg(format('supaqueue_old.%1$I %2$s supaqueue_new.%1$I', key.name, key.operator), ' and ' order by key.place) as matched,
      string_agg(format('kept.%1$I %2$s other.%1$I', key.name, key.operator), ' and ' order by key.place) as same,
      string_agg(format('kept.%I', key.name), ', ' order by key.place) as parts
    from unnest(hook_pairs.keys, hook_pairs.operators) with ordinality as key (name, operator, place)
  ) as written
$$;

comment on function supaqueue_internal.hook_pairs(text, text[], text[]) is 'The from of SQL that looks at the rows of one statement, before and after.';
