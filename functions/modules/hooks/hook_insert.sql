-- hook_insert: SQL that makes jobs of the rows of one statement.
--
-- called by  hook_source
--
-- `pairs` is what hook_pairs gave, `wanted` which of them count. `keys` are columns that can be
-- named: empty where nobody knows any more what the primary key is, and then both rows are sent whole.
--
-- The body is written in one pass over both rows. A row of more than 2 MB as it is stored is not written out, since a
-- megabyte may unfold into ninety: only its keys are sent. What is stored takes at most eight times as much as text, but
-- for numbers; so most bodies fit without being written out to be measured.
-- The levels are kept apart by `offset 0`, so that nothing is worked out twice. Innermost, where columns of the user's table
-- are in reach, no variable is named: a column may have its name.

create or replace function supaqueue_internal.hook_insert(hook supaqueue.hook, pairs text, wanted text, keys text[])
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
  wide constant text := '(coalesce(pg_column_size(supaqueue_old.supaqueue_whole), 0) > 2000000 or coalesce(pg_column_size(supaqueue_new.supaqueue_whole), 0) > 2000000)';
  -- Of a row that is changed, the old one has the same keys, though `changes` has left them out of its body.
  keys_of constant text := coalesce(
    'case when coalesce(jsonb_typeof(%2$s.body -> %1$L), ''null'') = ''object'' then jsonb_build_object('
      || (select string_agg(format('%1$L, coalesce(%%2$s.body -> %%1$L -> %1$L, %%2$s.body -> ''record'' -> %1$L)', key), ', ') from unnest(hook_insert.keys) as key)
      || ') else %2$s.%1$s end',
    'null::jsonb'
  );
  -- Of an update, the columns whose values differ.
  differing constant text := 'jsonb_each(%2$s) as field where field.value is distinct from %1$s -> field.key';
begin
  return format(
    $sql$
    insert into supaqueue.job (queue, status, error, payload, origin)
    select
      target.queue, begins, reason,
      case sized.level when 0 then sized.body else jsonb_build_object(
        'type', sized.kind, 'table', shown_table, 'schema', shown_schema,
        'record', case when sized.level = 1 then %1$s end, 'old_record', case when sized.level = 1 then %2$s end
      ) end,
      %3$s
    from (
      select
        made.*,
        case
          when made.body is not null
            and (pg_column_size(made.body) <= 1000 or not risky and pg_column_size(made.body) <= target.payload_max_bytes / 8)
            and (not risky or made.body @@ 'strict exists($.**{501}) || exists($.** ? (@.type() == "number" && (@ > 1.8e308 || @ < -1.8e308 || 1 - (@ * 0 + 1) / 3 * 3 < 1e-341)))' is not distinct from false)
          then 0
          else supaqueue_internal.hook_level(
            made.body,
            jsonb_build_object('type', made.kind, 'table', shown_table, 'schema', shown_schema, 'record', %4$s, 'old_record', %5$s),
            target.payload_max_bytes
          )
        end as level
      from (
        select written.kind, written.record, written.old_record, %6$s as body%7$s
        from (
          select
            change.kind, change.record, change.old_record%8$s,
            case when not change.wide then to_jsonb((
              select body
              from (
                select
                  change.kind as type, shown_table as "table", shown_schema as schema, %9$s as record, %10$s as old_record
              ) as body
            )) end as body
          from (
            select
              supaqueue_old.supaqueue_whole as o, supaqueue_new.supaqueue_whole as n,
              case
                when supaqueue_old.supaqueue_whole is not distinct from null then 'INSERT'
                when supaqueue_new.supaqueue_whole is not distinct from null then 'DELETE'
                else 'UPDATE'
              end as kind,
              %15$s as wide, %11$s as record, %12$s as old_record
            from %13$s
            where %14$s
            offset 0
          ) as change
          offset 0
        ) as written
        offset 0
      ) as made
      offset 0
    ) as sized;
$sql$,
    format(keys_of, 'record', 'sized'),
    format(keys_of, 'old_record', 'sized'),
    case
      when by_keys then 'origin || jsonb_strip_nulls(jsonb_build_object(''hook-payload'', case sized.level when 2 then ''none'' else ''keys'' end, ''hook-changed'', sized.changed))'
      else format(
        'case sized.level when 0 then origin%s when 1 then origin || ''{"hook-payload": "keys"}'' else origin || ''{"hook-payload": "none"}'' end',
        case when hook.payload = 'changes' then ' || ''{"hook-payload": "changes"}''' end
      ) end,
    format(keys_of, 'record', 'made'),
    format(keys_of, 'old_record', 'made'),
    case when hook.payload = 'changes' then
      'case when written.kind = ''UPDATE'' then written.body || jsonb_build_object(''old_record'', (select coalesce(jsonb_object_agg(field.key, field.value), ''{}'') from '
      || format(differing, 'written.body -> ''record''', 'written.body -> ''old_record''') || ')) else written.body end'
    else 'written.body' end,
    case when by_keys then ', written.changed' end,
    case when by_keys then ', case when change.kind = ''UPDATE'' and not change.wide then (select case when sum(octet_length(field.key) + 1) <= 4000 then string_agg(field.key, '','') end from '
      || format(differing, 'to_jsonb(change.o)', 'to_jsonb(change.n)') || ') end as changed' end,
    case when by_keys then 'change.record' else 'change.n' end,
    case when by_keys then 'change.old_record' else 'change.o' end,
    case when by_keys then format(named, 'new') else 'case when ' || wide || ' then ' || format(named, 'new') || ' end' end,
    case when by_keys then format(named, 'old') else 'case when ' || wide || ' then ' || format(named, 'old') || ' end' end,
    hook_insert.pairs,
    hook_insert.wanted,
    wide
  );
end;
$$;

comment on function supaqueue_internal.hook_insert(supaqueue.hook, text, text, text[]) is 'SQL that makes jobs of the rows of one statement.';
