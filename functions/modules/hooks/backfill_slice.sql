-- backfill_slice: the next rows of a backfill become jobs.
--
-- locks      the rows, until the transaction ends
-- writes     supaqueue.job
--
-- At most `most` rows, in the order of their primary key. Returns {rows, last}: how many were looked at, and the key of
-- the last. All count that the condition is asked about: one that none fulfills walks through no more of the table than another.
-- A row is locked before its state is read, so that whoever changes it later makes the later job. What came
-- between two rows meanwhile is a change of its own, and locked as well.
-- The key is kept as text, which must be read as it was written, by whatever session goes on.
-- Raises when somebody holds a row for longer than lock_timeout.

create or replace function supaqueue_internal.backfill_slice(task supaqueue.backfill, most integer)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set extra_float_digits = 1
set bytea_output = 'hex'
set lc_monetary = 'C'
as $$
declare
  known supaqueue.hook;
  shown text;
  at oid;
  keys text[];
  in_order text;
  slice jsonb;
begin
  select hook.* into known from supaqueue.hook where hook.id = task.hook;
  shown := format('%I.%I', known.schema_name, known.table_name);
  at := supaqueue_internal.find_hook_table(shown);
  keys := (supaqueue_internal.hook_keys(at)).names;
  in_order := (select string_agg(format('new.%I', key), ', ' order by place) from unnest(keys) with ordinality as part (key, place));

  execute format(
    'select jsonb_build_object(%L, count(*), %L, (array_agg(line.key order by line.place desc))[1]) from (select looked.key, row_number() over () as place from (select jsonb_build_array(%s) as key from %s as new where %s order by %s limit %s) as looked) as line',
    'rows', 'last',
    (select string_agg(format('new.%I::text', key), ', ' order by place) from unnest(keys) with ordinality as part (key, place)),
    shown, supaqueue_internal.hook_range(at, 'new', to_jsonb(task.after), null), in_order, backfill_slice.most
  ) into slice;
  if (slice ->> 'rows')::integer = 0 then
    return slice;
  end if;

  -- The names that the SQL of hooks expects.
  execute format('do %L', format(
    $body$
declare
  shown_schema constant text := %1$s;
  shown_table constant text := %2$s;
  target record;
  origin jsonb;
  risky constant boolean := true;
  begins constant supaqueue.job_status := 'pending';
  reason constant text := null;
  line_begins constant text := supaqueue_internal.hook_key(shown_schema, shown_table, '{""}');
begin
  select
    hook.name, hook.queue, queue.payload_max_bytes,
    queue.dedupe_until = 'begun' and current_setting('transaction_isolation') in ('read committed', 'read uncommitted') as coalesces
  into target
  from supaqueue.hook
  join supaqueue.queue on queue.id = hook.queue
  where hook.id = %3$s;
  origin := supaqueue_internal.hook_origin(target.name, %4$s) || '{"hook-backfill": "yes"}';
%5$s
end;
$body$,
    quote_literal(known.schema_name), quote_literal(known.table_name), quote_literal(known.id), quote_literal(shown),
    supaqueue_internal.hook_insert(
      known,
      format(
        $sql$(
        select supaqueue_row.*, supaqueue_row as supaqueue_whole from (%1$s) as supaqueue_row
      ) as supaqueue_new
      left join (
        select supaqueue_row.*, supaqueue_row as supaqueue_whole from %2$s as supaqueue_row where false
      ) as supaqueue_old on true$sql$,
        format(
          e'select new.* from %s as new where %s and (\n%s\n) is true order by %s for no key update of new',
          shown, supaqueue_internal.hook_range(at, 'new', to_jsonb(task.after), slice -> 'last'), coalesce(task.condition, 'true'), in_order
        ),
        shown
      ),
      'true' || supaqueue_internal.hook_passes(known),
      keys,
      careful => true
    )
  ));
  return slice;
end;
$$;

comment on function supaqueue_internal.backfill_slice(supaqueue.backfill, integer) is 'The next rows of a backfill become jobs. Returns how many, and the key of the last.';
