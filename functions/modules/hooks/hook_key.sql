-- hook_key: which row a change is of, as a key of its job.
--
-- called by  the functions of hooks that are ordered or coalesce
--
-- The table, and the values of its primary key: `public.photos:17`. What is long is a hash. Null where there is no row, or
-- nobody knows its key: such a job is in no line, and takes nothing in.

create or replace function supaqueue_internal.hook_key(of_table text, body jsonb, keys text[])
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select concat(hook_key.of_table, ':', case when octet_length(written.key) > 500 then encode(sha256(convert_to(written.key, 'utf8')), 'hex') else written.key end)
  from (
    select case when cardinality(hook_key.keys) = 1
      then changed.fields ->> hook_key.keys[1]
      else (select jsonb_agg(changed.fields ->> part.name order by part.place)::text from unnest(hook_key.keys) with ordinality as part (name, place))
    end as key
    from (
      select case jsonb_typeof(hook_key.body -> 'record') when 'object' then hook_key.body -> 'record' else hook_key.body -> 'old_record' end as fields
    ) as changed
    where jsonb_typeof(changed.fields) = 'object' and hook_key.keys <> '{}'
  ) as written
$$;

comment on function supaqueue_internal.hook_key(text, jsonb, text[]) is 'Which row a change is of, as a key of its job.';
