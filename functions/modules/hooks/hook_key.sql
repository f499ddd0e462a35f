-- hook_key: which row a change is of, as a key of its job.
--
-- called by  the functions of hooks that are ordered or coalesce
--
-- The table, and the values of its primary key: `public.photos:17`. What is long is a hash. Null where there is no row, or
-- nobody knows its key: such a job is in no line, and takes nothing in. Of `instants`, which are times with a time zone, the
-- body shows the zone of whoever writes; a row has one key all the same.

create or replace function supaqueue_internal.hook_key(of_table text, body jsonb, keys text[], instants text[] default '{}')
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select concat(hook_key.of_table, ':', case when octet_length(written.key) > 500 then encode(sha256(convert_to(written.key, 'utf8')), 'hex') else written.key end)
  from (
    select case when cardinality(hook_key.keys) = 1 then min(part.value) else jsonb_agg(part.value order by part.place)::text end as key
    from (
      select named.place, case
        when named.name = any (hook_key.instants) then supaqueue_internal.hook_instant(changed.fields ->> named.name)
        else changed.fields ->> named.name
      end as value
      from (
        select case jsonb_typeof(hook_key.body -> 'record') when 'object' then hook_key.body -> 'record' else hook_key.body -> 'old_record' end as fields
      ) as changed
      cross join unnest(hook_key.keys) with ordinality as named (name, place)
      where jsonb_typeof(changed.fields) = 'object'
    ) as part
    having count(*) > 0
  ) as written
$$;

comment on function supaqueue_internal.hook_key(text, jsonb, text[], text[]) is 'Which row a change is of, as a key of its job.';
