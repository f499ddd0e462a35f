-- hook_source: the body of the trigger function that makes jobs of the changes that one hook wants.
--
-- A statement is one look at its rows before and after, in three steps. First the gate: how many
-- of them count. It stands in a block that survives whatever a column that was renamed or dropped has it
-- raise, and writes nothing, so that it costs no transaction id. Then what is the same for
-- all of them. Then one insert.
--
-- When the gate fails, the names in it are stale: everything that changed counts, and the
-- fault is noted. What a `condition` raises is caught row by row, by a function of its own.
-- Of a column of the type json, or of one with a cast to it, a value may be none within JSON that is read. Where there is such
-- a column, all rows are written out once for nothing; if that raises, the insert looks at each by itself (careful).
-- A column that came later may be of a type that is somebody else's (foreign_type). Then no row is written out, since
-- that would run what they like: a job says that the table was changed, and no more. So does one of a table with a column that
-- is called as what is ours (hook_names).
-- A key that moved is an INSERT to hooks that listen for inserts or updates, and a DELETE to those that
-- listen for deletes. A trigger of the user's that writes to a row again has its own change made a job first, for hooks fire
-- at the end of a statement, the inner one before the outer. Where rows have an order, what comes last must be how the row is:
-- then the outer change has the row as it is by now (overtaken). `soft` survives whatever the insert raises, and notes what was lost.

create or replace function supaqueue_internal.hook_source(hook supaqueue.hook)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  keys text[];
  operators text[];
  passes constant text := supaqueue_internal.hook_passes(hook);
  differs constant text := 'supaqueue_old.supaqueue_whole operator(pg_catalog.*<>) supaqueue_new.supaqueue_whole';
  -- Rows of which some columns differ, differ.
  updated constant text := case when hook.columns is null then differs else (
      select format(
        'row(%s)::record operator(pg_catalog.*<>) row(%s)::record',
        string_agg(format('supaqueue_old.%I', name), ', '), string_agg(format('supaqueue_new.%I', name), ', ')
      )
      from unnest(hook.columns) as name
    ) end
    || case when hook.ignore is not null then format(
      ' and to_jsonb(supaqueue_old.supaqueue_whole) - %1$L::text[] is distinct from to_jsonb(supaqueue_new.supaqueue_whole) - %1$L::text[]',
      hook.ignore
    ) else '' end;
  moved constant text := format(
    'case when supaqueue_old.supaqueue_whole is not distinct from null then %s when supaqueue_new.supaqueue_whole is not distinct from null then %s else ',
    (hook.events && '{insert, update}')::text, ('delete' = any (hook.events))::text
  );
  -- Types whose values are no JSON within JSON, and no number that no double holds.
  plain constant oid[] := array(
    select pg_type.oid from pg_type
    where pg_type.typnamespace = 'pg_catalog'::regnamespace and pg_type.typname in (
      'bool', 'int2', 'int4', 'int8', 'float4', 'float8', 'text', 'varchar', 'bpchar', 'name', 'uuid', 'date', 'time', 'timetz',
      'timestamp', 'timestamptz', 'interval', 'bytea', 'inet', 'cidr', 'macaddr', '_text', '_int4', '_int8', '_uuid', '_varchar'
    )
    order by 1
  );
  -- Types of which any value can be written as JSON: what is the system's, and an enum.
  calm constant oid[] := array(
    select distinct pg_attribute.atttypid
    from pg_attribute
    join pg_type on pg_type.oid = pg_attribute.atttypid
    where pg_attribute.attrelid = any (supaqueue_internal.hook_relations(hook.schema_name, hook.table_name))
      and pg_attribute.attnum > 0 and not pg_attribute.attisdropped and pg_attribute.atttypid <> all (plain)
      and (pg_type.typtype = 'e' or pg_type.typnamespace = 'pg_catalog'::regnamespace and pg_type.typname not in ('json', '_json'))
      and not exists (select from pg_cast where pg_cast.castsource = pg_type.oid and pg_cast.casttarget = 'json'::regtype)
    order by 1
  );
  -- What is of these was looked at by on_change.
  known constant oid[] := plain || array(
    select distinct pg_attribute.atttypid
    from pg_attribute
    where pg_attribute.attrelid = any (supaqueue_internal.hook_relations(hook.schema_name, hook.table_name))
      and pg_attribute.attnum > 0 and not pg_attribute.attisdropped and pg_attribute.atttypid <> all (plain)
    order by 1
  );
  ours constant text := quote_literal(supaqueue_internal.hook_names()) || '::name[]';
  -- What the columns of the relation may do to a write: 0 nothing, 1 they may be wide, 2 they may be no JSON, 3 one is called
  -- as what is ours, or is of a type that on_change has not seen.
  look constant text := format($sql$(
      select max(case
        when pg_attribute.attname = any (%1$s) or pg_attribute.atttypid <> all (%2$s::oid[]) then 3
        when pg_attribute.atttypid = any (%3$s::oid[]) then 0
        when pg_attribute.atttypid = any (%4$s::oid[]) then 1
        else 2
      end)
      from pg_attribute
      where pg_attribute.attrelid = tg_relid and pg_attribute.attnum > 0 and not pg_attribute.attisdropped
    )$sql$, ours, quote_literal(known), quote_literal(plain), quote_literal(calm));
  stranger constant text := format($body$
  if risk = 3 then
    select jsonb_build_object('column', pg_attribute.attname) into foreign_part
    from pg_attribute
    where pg_attribute.attrelid = tg_relid and not pg_attribute.attisdropped and pg_attribute.attname = any (%1$s)
    limit 1;
    foreign_part := coalesce(foreign_part, supaqueue_internal.foreign_type(array[tg_relid]));
    if foreign_part ? 'type' then
      fault_code := 'SQ403';
      fault_reason := format(
        'the type %%s of the column %%s belongs to %%s: rows are left out', foreign_part ->> 'type', foreign_part ->> 'column', foreign_part ->> 'owner'
      );
    elsif foreign_part is not null then
      fault_code := 'SQ422';
      fault_reason := format('the column %%s is called as what is of the hook itself: rows are left out', foreign_part ->> 'column');
    end if;
  end if;
$body$, ours);
  gates text := '';
  writes text := '';
  probes text := '';
  event record;
  lines constant boolean := num_nonnulls(hook.ordered, hook.coalesces) > 0;
  same_key text;
  overtaken text;
begin
  select known.names, known.operators into keys, operators
  from supaqueue_internal.hook_keys((supaqueue_internal.hook_relations(hook.schema_name, hook.table_name))[1]) as known;

  same_key := (
    select string_agg(format('supaqueue_now.%1$I %2$s supaqueue_changed.%1$I', key.name, key.operator), ' and ')
    from unnest(keys, operators) as key (name, operator)
  );

  for event in
    select known.*
    from (values
      ('insert', 'new', 'inserted', 'true', 'inserted', 'true'),
      ('delete', 'old', 'deleted', 'true', 'deleted', 'true'),
      ('update', 'old', case when keys = '{}' then 'placed' else 'keyed' end, moved || updated || ' end', 'placed', moved || differs || ' end')
    ) as known (name, side, pairs, wanted, stale_pairs, stale_wanted)
    where known.name = any (hook.events)
  loop
    gates := gates || format(
      $body$
    if tg_op = %1$s then
      select %2$s, %3$s
      into touched, doubled
      from %4$s;
    end if;
$body$,
      quote_literal(upper(event.name)),
      -- By a column of the key, where that is enough: whole rows would be copied to be joined.
      case when event.name = 'update' then format(
        'count(*) filter (where %s)',
        replace(event.wanted, moved, replace(moved, 'supaqueue_whole', coalesce(quote_ident(keys[1]), 'supaqueue_whole')))
      ) else 'count(*)' end,
      -- Each column of the key is named, for one may be gone.
      case
        when keys = '{}' then 'false'
        when event.name = 'update' then
          format('greatest(count(supaqueue_old.%1$I), count(supaqueue_new.%1$I)) > (select count(*) from supaqueue_old_rows)', keys[1])
        else (select format('least(%s) < 0', string_agg(format('count(supaqueue_%s.%I)', event.side, key), ', ')) from unnest(keys) as key)
      end,
      case when event.name = 'update' then supaqueue_internal.hook_pairs(event.pairs, keys, operators)
        else format('supaqueue_%1$s_rows as supaqueue_%1$s', event.side) end
    );

    probes := probes || format(
      e'      if tg_op = %L then%s\n      end if;\n', upper(event.name),
      (
        select string_agg(format(e'\n        perform count(to_jsonb(supaqueue_row)) from supaqueue_%s_rows as supaqueue_row;', side), '')
        from unnest(case event.name when 'insert' then '{new}' when 'delete' then '{old}' else '{new, old}' end::text[]) as side
      )
    );

    -- Of a row that is there again a hook for inserts has made a job; of one that is not to be seen nobody knows more.
    overtaken := case
      when event.name <> 'delete' then format(
        'from (select supaqueue_now.* from %1$I.%2$I as supaqueue_now join supaqueue_new_rows as supaqueue_changed on %3$s union all select supaqueue_changed.* from supaqueue_new_rows as supaqueue_changed where not exists (select from %1$I.%2$I as supaqueue_now where %3$s)) as supaqueue_row',
        hook.schema_name, hook.table_name, same_key
      )
      when 'insert' = any (hook.events) then format(
        'from (select supaqueue_changed.* from supaqueue_old_rows as supaqueue_changed where not exists (select from %I.%I as supaqueue_now where %s)) as supaqueue_row',
        hook.schema_name, hook.table_name, same_key
      )
    end;
    if lines and overtaken is not null then
      writes := writes || format(
        $body$
  if tg_op = %s and overtaken then
    begin%s    exception when assert_failure or others then
      overtaken := false;
    end;
  end if;
$body$,
        quote_literal(upper(event.name)),
        supaqueue_internal.hook_insert(
          hook,
          replace(
            supaqueue_internal.hook_pairs(event.pairs, keys, operators),
            format('from supaqueue_%s_rows as supaqueue_row', case event.name when 'delete' then 'old' else 'new' end), overtaken
          ),
          event.wanted || passes, keys, careful => true
        )
      );
    end if;

    writes := writes || format(
      e'\n  if tg_op = %L and fault_code is null and not doubled and not careful and not overtaken then%s  end if;\n', upper(event.name),
      supaqueue_internal.hook_insert(hook, supaqueue_internal.hook_pairs(event.pairs, keys, operators), event.wanted || passes, keys)
    ) || format(
      e'\n  if tg_op = %L and fault_code is null and not doubled and careful and not overtaken then%s  end if;\n', upper(event.name),
      supaqueue_internal.hook_insert(hook, supaqueue_internal.hook_pairs(event.pairs, keys, operators), event.wanted || passes, keys, careful => true)
    ) || case when event.pairs = 'keyed' then format(
      e'\n  if tg_op = %L and fault_code is null and doubled then%s  end if;\n', upper(event.name),
      supaqueue_internal.hook_insert(hook, supaqueue_internal.hook_pairs('collapsed', keys, operators), event.wanted || passes, keys, careful => true)
    ) else '' end || format(
      e'\n  if tg_op = %L and fault_code is not null then%s  end if;\n', upper(event.name),
      supaqueue_internal.hook_insert(hook, supaqueue_internal.hook_pairs(event.stale_pairs, '{}', '{}'), event.stale_wanted || passes, '{}', careful => true)
    );
  end loop;

  if 'truncate' = any (hook.events) then
    writes := writes || $body$
  if tg_op = 'TRUNCATE' then
    insert into supaqueue.job (queue, status, error, payload, origin)
    values (
      target.queue, begins, reason,
      jsonb_build_object('type', tg_op, 'table', shown_table, 'schema', shown_schema, 'record', null, 'old_record', null),
      origin
    );
  end if;
$body$;
  end if;

  writes := format(
    $body$
  if foreign_part is not null and tg_op <> 'TRUNCATE' then
    insert into supaqueue.job (queue, status, error, payload, origin)
    values (
      target.queue, begins, reason,
      jsonb_build_object('type', tg_op, 'table', shown_table, 'schema', shown_schema, 'record', null, 'old_record', null),
      origin || '{"hook-payload": "none"}'
    );
  else%s  end if;
$body$,
    writes
  );
  if lines then
    writes := format(
      $body$
  line_begins := supaqueue_internal.hook_key(shown_schema, shown_table, '{""}');
  overtaken := coalesce(current_setting('supaqueue.nested_hooks', true) like %1$s, false) and fault_code is null and not doubled
    and tg_nargs = 0 and tg_op <> 'TRUNCATE'%2$s and (tg_table_schema, tg_table_name) = (%3$s, %4$s);
%5$s
  if pg_trigger_depth() > 1 then
    if current_setting('supaqueue.nested_hooks', true) like %1$s is not true then
      perform set_config('supaqueue.nested_hooks', concat(current_setting('supaqueue.nested_hooks', true), ' ', hook_id), true);
    end if;
  elsif overtaken then
    perform set_config('supaqueue.nested_hooks', replace(current_setting('supaqueue.nested_hooks', true), hook_id::text, ''), true);
  end if;
$body$,
      quote_literal(format('%%%s%%', hook.id)), case when not 'insert' = any (hook.events) then ' and tg_op <> ''DELETE''' end,
      quote_literal(hook.schema_name), quote_literal(hook.table_name), writes
    );
  end if;
  writes := format(
    $body$
  -- What follows checks each row by itself, as it must: no write fails for one.
  if touched > 20 then
    perform supaqueue_internal.vouch();
  end if;%s
  if touched > 20 then
    perform supaqueue_internal.vouch(done => true);
  end if;
$body$,
    writes
  );
  if hook.soft then
    writes := e'\n  begin' || writes || $body$
  exception when assert_failure or others then
    get stacked diagnostics fault_code = returned_sqlstate, fault_reason = message_text;
    perform supaqueue_internal.note_hook_fault(hook_id, fault_code, fault_reason, lost => greatest(touched, 1));
  end;
$body$;
  end if;

  return format(
    $body$
declare
  hook_id constant uuid := %1$s;
  shown_schema text := %2$s;
  shown_table text := %3$s;
  target record;
  origin jsonb;
  risk integer;
  risky boolean;
  careful boolean := false;
  foreign_part jsonb;
  touched bigint := 1;
  doubled boolean := false;
  overtaken boolean := false;
  line_begins text;
  fault_code text;
  fault_reason text;
  begins supaqueue.job_status := 'pending';
  reason text;
begin
  if current_setting('supaqueue.silent_hooks', true) <> '' then
    if current_setting('supaqueue.silent_hooks', true) = '*'
      or %4$s = any (string_to_array(current_setting('supaqueue.silent_hooks', true), ','))
    then
      return null;
    end if;
  end if;

%7$s
  begin
    if foreign_part is null then%5$s    end if;
  exception when assert_failure or others then
    get stacked diagnostics fault_code = returned_sqlstate, fault_reason = message_text;
  end;
  if touched = 0 then
    return null;
  end if;

  select
    hook.name, hook.queue, hook.own_changes, hook.max_depth, queue.payload_max_bytes, queue.ordered, queue.dedupe_until,
    -- An older snapshot may not show the job that waits: then each change is a job, and nothing fails.
    queue.dedupe_until = 'begun' and current_setting('transaction_isolation') in ('read committed', 'read uncommitted') as coalesces,
    %8$s as risk
  into target
  from supaqueue.hook
  join supaqueue.queue on queue.id = hook.queue
  where hook.id = hook_id and hook.enabled;
  if not found then
    return null;
  end if;
%9$s  if risk >= 2 and foreign_part is null then
    begin
%11$s    exception when assert_failure or others then
      careful := true;
      perform supaqueue_internal.note_hook_fault(hook_id, 'SQ422', format('of a row that cannot be written as JSON only the keys are sent: %%s', sqlerrm));
    end;
  end if;
  if fault_code is not null then
    perform supaqueue_internal.note_hook_fault(hook_id, fault_code, fault_reason);
  end if;
%10$s  -- What is written to a partition by its name is a change of the table.
  if tg_nargs = 0 or tg_op = 'TRUNCATE' then
    shown_schema := tg_table_schema;
    shown_table := tg_table_name;
  end if;
  risky := risk > 0;
%12$s  -- A job's own function writes.
  if origin ? 'hook-cause' then
    if origin ? 'hook-own' and target.own_changes = 'drop' then
      return null;
    end if;
    if (origin ->> 'hook-depth')::integer > target.max_depth then
      begins := 'held';
      reason := format(
        'job %%s wrote what this job is for, as the ones before it did for one another, %%s in a row: the hook allows %%s (max_depth). It runs when somebody releases it',
        origin ->> 'hook-cause', origin ->> 'hook-depth', target.max_depth
      );
      perform supaqueue_internal.note_hook_fault(hook_id, 'SQ409', format('more than %%s jobs made one another by what their functions wrote: the last one is held', target.max_depth));
    end if;
  end if;
%6$s
  return null;
end;
$body$,
    quote_literal(hook.id), quote_literal(hook.schema_name), quote_literal(hook.table_name), quote_literal(hook.name), gates, writes,
    -- Columns that do not count are left out of the row as JSON.
    case when hook.ignore is not null then format(e'  risk := %s;\n', look) || stranger end,
    case when hook.ignore is not null then 'risk' else look end,
    case when hook.ignore is null then e'  risk := target.risk;\n' || stranger end,
    concat(
      case when hook.ordered is not null then format(
        e'  if target.ordered is distinct from %L then\n    perform supaqueue_internal.note_hook_fault(hook_id, %L, %L);\n  end if;\n',
        'key', 'SQ409', 'its jobs are to go in the order of their changes, and its queue is not ordered by key any more'
      ) end,
      case when hook.coalesces is not null then format(
        e'  if target.dedupe_until <> %L then\n    perform supaqueue_internal.note_hook_fault(hook_id, %L, %L);\n  end if;\n',
        'begun', 'SQ409', 'changes do not coalesce: its queue keeps a key until its job is finished, dedupe_until is not begun any more'
      ) end
    ),
    probes, supaqueue_internal.hook_stamp()
  );
end;
$$;

comment on function supaqueue_internal.hook_source(supaqueue.hook) is 'The body of the trigger function of a hook.';
