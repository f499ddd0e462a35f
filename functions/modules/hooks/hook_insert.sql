-- hook_insert: SQL that makes jobs of the rows of one statement.
--
-- `pairs` is what hook_pairs gave, `wanted` which of them count. `keys` are columns that can be
-- named: empty where nobody knows any more what the primary key is, and then both rows are sent whole.
--
-- `careful` is for rows that may not be what can be written as JSON: of those only the keys are sent, too.
--
-- The body is written in one pass over both rows. A row of more than 2 MB as it is stored is not written out, since a
-- megabyte may unfold into ninety: only its keys are sent. What is stored takes at most eight times as much as text, but
-- for numbers; so most bodies fit without being written out to be measured.
-- The levels are kept apart by `offset 0`, so that nothing is worked out twice. Innermost, where columns of the user's table
-- are in reach, no variable is named: a column may have its name.
--
-- Where changes coalesce, a job that waits takes them in. What finds its key taken and nothing that waits, such as a job that
-- began while its queue kept keys longer, becomes a job without one: nothing is lost. The same goes for a key that stands twice in
-- one statement, since its constraint is looked at later.

create or replace function supaqueue_internal.hook_insert(hook supaqueue.hook, pairs text, wanted text, keys text[], careful boolean default false)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  by_keys constant boolean := hook.payload = 'keys' and hook_insert.keys <> '{}';
  named constant text := coalesce(
    'case when supaqueue_%1$s.supaqueue_whole is distinct from null then jsonb_build_object('
      || (select string_agg(format('%1$L, supaqueue_%%1$s.%1$I', key), ', ') from unnest(hook_insert.keys) as key) || ') end',
    'null::jsonb'
  );
  in_lines constant boolean := num_nonnulls(hook.ordered, hook.coalesces) > 0;
  by_name constant text := quote_literal(hook_insert.keys) || '::text[]';
  wide constant text := concat(
    '(coalesce(pg_column_size(supaqueue_old.supaqueue_whole), 0) > 2000000 or coalesce(pg_column_size(supaqueue_new.supaqueue_whole), 0) > 2000000',
    case when hook_insert.careful then ' or not (supaqueue_internal.hook_writes(supaqueue_old.supaqueue_whole) and supaqueue_internal.hook_writes(supaqueue_new.supaqueue_whole))' end,
    ')'
  );
  body constant text := 'to_jsonb((select body from (select change.kind as type, shown_table as "table", shown_schema as schema, %s as record, %s as old_record) as body))';
  narrow constant text := format(body, 'change.record', 'change.old_record');
  marked constant text := case
    when by_keys then 'origin || jsonb_strip_nulls(jsonb_build_object(''hook-payload'', ''keys'', ''hook-changed'', sized.changed))'
    when hook.payload = 'changes' then 'origin || ''{"hook-payload": "changes"}'''
    else 'origin'
  end;
  -- What of these types is written as JSON is the same for every session, and equal values are written alike. A type is looked at
  -- as it is by then.
  part constant text := format(
    'case when pg_typeof(supaqueue_%%1$s.%%2$I) = any (%L::regtype[]) then to_jsonb(supaqueue_%%1$s.%%2$I) #>> ''{}'' else supaqueue_internal.hook_part(supaqueue_%%1$s.%%2$I) end',
    '{int2, int4, int8, bool, uuid, text, varchar, bpchar, name, date, timestamp}'
  );
  parts constant text := (
    select format('coalesce(%s)', string_agg(format('case when supaqueue_%s.supaqueue_whole is distinct from null then array[%s]::text[] end', side.name, (
      select string_agg(format(part, side.name, key.name), ', ' order by key.place)
      from unnest(hook_insert.keys) with ordinality as key (name, place)
    )), ', ' order by side.name))
    from unnest('{new, old}'::text[]) as side (name)
  );
  due constant text := case when hook.delay is not null then format('now() + %L::interval', hook.delay) end;
  made constant text := format(
    $sql$
    select
      target.queue, begins as status, reason as error,
      coalesce(sized.lesser -> 'body', sized.body) as payload,
      case when sized.lesser is null then %1$s else %1$s || (sized.lesser -> 'origin') end as origin%2$s
    from (
      select
        made.*,
        case
          when not made.wide
            and (pg_column_size(made.body) <= 1000 or not risky and pg_column_size(made.body) <= target.payload_max_bytes / 8)
            and (not risky or made.body @@ 'strict exists($.**{501}) || exists($.** ? (@.type() == "number" && (@ > 1.8e308 || @ < -1.8e308 || 1 - (@ * 0 + 1) / 3 * 3 < 1e-341)))' is not distinct from false)
          then null
          else supaqueue_internal.hook_fit(made.body, %3$s, target.payload_max_bytes, made.wide)
        end as lesser
      from (
        select change.wide%4$s%11$s, %5$s as body
        from (
          select
            supaqueue_old.supaqueue_whole as o, supaqueue_new.supaqueue_whole as n,
            case
              when supaqueue_old.supaqueue_whole is not distinct from null then 'INSERT'
              when supaqueue_new.supaqueue_whole is not distinct from null then 'DELETE'
              else 'UPDATE'
            end as kind,
            %6$s as wide, %7$s as record, %8$s as old_record%12$s
          from %9$s
          where %10$s
          offset 0
        ) as change
        offset 0
      ) as made
      offset 0
    ) as sized
$sql$,
    marked,
    case when in_lines then
      ', case when octet_length(sized.key) <= 500 then concat(line_begins, sized.key) else supaqueue_internal.hook_key(shown_schema, shown_table, array[sized.key]) end as line'
    end,
    by_name,
    case when by_keys then ', case when change.kind = ''UPDATE'' and not change.wide then (
          select case when sum(octet_length(field.key) + 1) <= 4000 then string_agg(field.key, '','') end
          from jsonb_each(to_jsonb(change.o)) as field where field.value is distinct from to_jsonb(change.n) -> field.key
        ) end as changed' end,
    case
      when by_keys then narrow
      else format(
        case when hook.payload = 'changes' then 'supaqueue_internal.hook_changes(%s)' else '%s' end,
        format('case when change.wide then %s else %s end', narrow, format(body, 'change.n', 'change.o'))
      )
    end,
    wide,
    case when by_keys then format(named, 'new') else 'case when ' || wide || ' then ' || format(named, 'new') || ' end' end,
    case when by_keys then format(named, 'old') else 'case when ' || wide || ' then ' || format(named, 'old') || ' end' end,
    hook_insert.pairs,
    hook_insert.wanted,
    case when in_lines then ', ' || case cardinality(hook_insert.keys)
      when 0 then 'null::text'
      when 1 then 'change.parts[1]'
      else 'case when array_position(change.parts, null) is null then to_jsonb(change.parts)::text end'
    end || ' as key' end,
    case when in_lines then format(', %s as parts', parts) end
  );
begin
  if hook.coalesces is null then
    return format(
      e'\n    insert into supaqueue.job (queue, status, error, payload, origin%s%s)\n    select made.queue, made.status, made.error, made.payload, made.origin%s%s from (%s) as made;\n',
      case when hook.ordered is not null then ', concurrency_key' end,
      case when due is not null then ', run_at' end,
      case when hook.ordered is not null then ', made.line' end,
      ', ' || due,
      made
    );
  end if;

  return format(
    $sql$
    with made as materialized (
      select made.*, row_number() over (partition by made.line) as place from (%1$s) as made
    ),
    taken_in as (
      insert into supaqueue.job (queue, status, error, payload, origin, concurrency_key, dedupe_key%2$s)
      select
        made.queue, made.status, made.error, made.payload, made.origin, %3$s,
        concat('hook:', target.name, ' ', made.line)%4$s
      from made
      where target.coalesces and made.line is not null and made.place = 1
      on conflict (queue, dedupe_key) where dedupe_key is not null and status in ('held', 'pending', 'in_progress') do update
      set
        (payload, origin) = (
          select merged.payload, merged.origin
          from supaqueue_internal.hook_merge(job.payload, job.origin, excluded.payload, excluded.origin, %5$s, target.payload_max_bytes) as merged
        ),
        -- A chain that is too long stops here, too. The column is named in any case: at commit its queue is looked after.
        status = case when excluded.status = 'held' then excluded.status else job.status end,
        error = coalesce(excluded.error, job.error)%6$s
      where job.status in ('held', 'pending')
      returning job.dedupe_key
    )
    insert into supaqueue.job (queue, status, error, payload, origin, concurrency_key%2$s)
    select made.queue, made.status, made.error, made.payload, made.origin, %3$s%4$s
    from made
    where made.line is null or made.place > 1
      or not exists (select from taken_in where taken_in.dedupe_key = concat('hook:', target.name, ' ', made.line));
$sql$,
    made,
    case when due is not null then ', run_at' end,
    case when hook.ordered is not null then 'made.line' else 'null' end,
    ', ' || due,
    by_name,
    ', run_at = ' || case
      when due is null then null
      when hook.max_wait is not null then format('least(excluded.run_at, job.created_at + %L::interval)', hook.max_wait)
      else 'excluded.run_at'
    end
  );
end;
$$;

comment on function supaqueue_internal.hook_insert(supaqueue.hook, text, text, text[], boolean) is 'SQL that makes jobs of the rows of one statement.';
