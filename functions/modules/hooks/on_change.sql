-- on_change: changes of a table become jobs.
--
-- called by  users, in a migration
-- writes     supaqueue.hook, supaqueue.hook_fault, and what write_hook writes
--
-- Every committed change of `table` becomes a job of `queue`, in the same transaction. The body is that of Database
-- Webhooks: type, table, schema, record, old_record.
--   name     of the hook; by default `<table>_<queue>`. Called again with a name, it says all of that hook anew
--   events   insert, update, delete, truncate
--   columns  an update counts when one of these changed
--   ignore   an update that changed only these does not count
--   when     SQL over the rows new and old, run with the rights of the table's owner; names outside pg_catalog have their
--            schemas. Of an insert, old has only nulls; of a delete, new has
--   payload  full; changes: of the old row only what changed; keys: only the primary keys
--   soft     the write goes on when its job cannot be enqueued, and supaqueue.hook_fault counts what is lost
--   own_changes  what the function of a job that this hook made writes itself: mark, it becomes a job whose headers say so;
--            drop, it becomes none
--   max_depth  how many jobs in a row may come of what the function of the one before wrote; the next one is held
--   ordered  key: of one row, the next job begins only when the one before it has ended. The queue is ordered by key, too
--   coalesces  key: of one row, one job waits, while another may run, and takes in what changes meanwhile: the first old
--            record, the last record. The queue frees its keys when a job begins
--   delay    the job begins so long after the change; where changes coalesce, after the last of them
--   max_wait  where changes coalesce, no later than so long after the first of them
--   coalesce  the same as coalesces, which needs no quotes
--
-- For whoever owns supaqueue, and nobody else: what it makes runs with those rights. The table must be theirs, or one of
-- the platform's.
-- Returns the name of the hook. Errors: SQ403, SQ404, SQ409 the queue is not made for it, SQ422, SQ423 the table stays locked.

create or replace function supaqueue.on_change(
  "table" text,
  queue text,
  name text default null,
  events text[] default '{insert, update, delete}',
  columns text[] default null,
  ignore text[] default null,
  "when" text default null,
  payload text default 'full',
  soft boolean default false,
  own_changes text default 'mark',
  max_depth integer default 10,
  ordered text default null,
  "coalesce" text default null,
  delay interval default null,
  max_wait interval default null,
  coalesces text default null
)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(on_change.queue);
  at constant oid := supaqueue_internal.find_hook_table(on_change."table");
  takes_in constant text := coalesce(on_change.coalesces, on_change."coalesce");
  schema_name text;
  table_name text;
  called text;
  known text[];
  wrong text;
  hint text;
  wanted supaqueue.hook;
  looked refcursor;
begin
  select pg_namespace.nspname, pg_class.relname into schema_name, table_name
  from pg_class join pg_namespace on pg_namespace.oid = pg_class.relnamespace
  where pg_class.oid = at;
  known := array(
    select pg_attribute.attname from pg_attribute where pg_attribute.attrelid = at and pg_attribute.attnum > 0 and not pg_attribute.attisdropped
  );
  called := coalesce(on_change.name, concat(table_name, '_', target.name));

  wrong := case
    when called !~ '^[!-~]([ -~]*[!-~])?$' or octet_length(called) > 63
      then format('the name of a hook has 1 to 63 plain characters: %L has not', called)
    when not coalesce(on_change.events <@ '{insert, update, delete, truncate}' and cardinality(on_change.events) > 0, false)
      then 'events are insert, update, delete and truncate'
    when not coalesce(on_change.payload in ('full', 'changes', 'keys'), false) then 'payload is full, changes or keys'
    when on_change.payload = 'keys' and (supaqueue_internal.hook_keys(at)).names = '{}'
      then format('payload cannot be keys: %I.%I has no primary key', schema_name, table_name)
    when on_change.soft is null then 'soft is true or false'
    when not coalesce(on_change.own_changes in ('mark', 'drop'), false) then 'own_changes is mark or drop'
    when not coalesce(on_change.max_depth between 1 and 1000, false) then 'max_depth is 1 to 1000'
    when on_change.ordered <> 'key' then 'ordered is key, or null: jobs pass each other'
    when on_change.coalesces <> on_change."coalesce" then 'coalesces and coalesce are the same, and say two things'
    when takes_in <> 'key' then 'coalesces is key, or null: each change is a job'
    when num_nonnulls(on_change.ordered, takes_in) > 0 and (supaqueue_internal.hook_keys(at)).names = '{}'
      then format('there is nothing to order or to coalesce by: %I.%I has no primary key', schema_name, table_name)
    when not (on_change.delay > interval '0' and on_change.delay <= interval '365 days') then 'delay is more than nothing and at most 365 days'
    when on_change.max_wait is not null and num_nulls(on_change.delay, takes_in) > 0
      then 'max_wait says how long changes that coalesce are put off at most: it goes with coalesces and delay'
    when not (on_change.max_wait >= on_change.delay and on_change.max_wait <= interval '365 days')
      then 'max_wait is no shorter than delay and at most 365 days'
    when not 'update' = any (on_change.events) and num_nonnulls(on_change.columns, on_change.ignore) > 0
      then 'columns and ignore are about updates, and events has none'
    when on_change.columns = '{}' then 'columns is a list of columns, or null: any'
    else (
      select format('%I.%I has no column %L', schema_name, table_name, asked.name)
      from unnest(on_change.columns || on_change.ignore) as asked (name)
      where asked.name <> all (known) or asked.name is null
      limit 1
    )
  end;
  if wrong is not null then
    raise exception using
      errcode = 'SQ422',
      message = wrong,
      hint = 'Write it like this: select supaqueue.on_change(''public.photos'', ''thumbnails'', events => ''{insert,update}'', columns => ''{path}''). Nothing was changed.';
  end if;

  if on_change.ordered is not null and target.ordered is distinct from 'key' then
    raise exception using
      errcode = 'SQ409',
      message = format('the queue %L is not ordered by key: its jobs pass each other', target.name),
      hint = 'Nothing was changed. ' || format('To have it ordered: update supaqueue.queue set ordered = ''key'', per_key = 1 where name = %L;', target.name);
  end if;
  if takes_in is not null and target.dedupe_until <> 'begun' then
    raise exception using
      errcode = 'SQ409',
      message = format('the queue %L keeps a dedupe_key taken until its job is %s: nothing could wait while it runs', target.name, target.dedupe_until),
      hint = 'Nothing was changed. ' || format('To have keys free once a job begins: update supaqueue.queue set dedupe_until = ''begun'' where name = %L;', target.name);
  end if;

  if on_change."when" is not null then
    begin
      -- By a cursor, which takes one statement: what closes our bracket is no condition.
      open looked for execute format(
        e'select from %1$I.%2$I as new, %1$I.%2$I as old where false and (\n%3$s\n)', schema_name, table_name, on_change."when"
      );
      close looked;
    exception when assert_failure or others then
      raise exception using
        errcode = 'SQ422',
        message = format('the condition is not valid: %s', sqlerrm),
        hint = 'It is SQL over the rows new and old, such as: new.status = ''approved'' and old.status is distinct from ''approved''. What is not in pg_catalog is written with its schema. Nothing was changed.';
    end;
  end if;

  insert into supaqueue.hook as made (
    name, queue, schema_name, table_name, events, columns, ignore, condition, payload, soft, own_changes, max_depth,
    ordered, coalesces, delay, max_wait
  )
  values (
    called, target.id, schema_name, table_name,
    array(select event from unnest(on_change.events) as event group by event order by event),
    on_change.columns, on_change.ignore, on_change."when", on_change.payload, on_change.soft,
    on_change.own_changes, on_change.max_depth, on_change.ordered, takes_in, on_change.delay, on_change.max_wait
  )
  on conflict on constraint hook_name_is_unique do update
  set
    queue = excluded.queue, schema_name = excluded.schema_name, table_name = excluded.table_name, events = excluded.events,
    columns = excluded.columns, ignore = excluded.ignore, condition = excluded.condition, payload = excluded.payload,
    soft = excluded.soft, own_changes = excluded.own_changes, max_depth = excluded.max_depth,
    ordered = excluded.ordered, coalesces = excluded.coalesces, delay = excluded.delay, max_wait = excluded.max_wait
  returning * into wanted;
  -- What was noted of the filters that it had; what was lost stays lost.
  delete from supaqueue.hook_fault where hook_fault.hook = wanted.id and hook_fault.lost = 0;

  begin
    perform supaqueue_internal.write_hook(wanted);
  exception
    when lock_not_available then
      raise exception using
        errcode = 'SQ423',
        message = format('the table %I.%I is in use, and the hook could not be put on it', schema_name, table_name),
        hint = 'Nothing was changed. Try again; to see what is in the way: select * from pg_stat_activity where state like ''idle in transaction%'' order by xact_start;';
    when insufficient_privilege then
      raise exception using
        errcode = 'SQ403',
        message = format('%s: the hook could not be put on %I.%I', sqlerrm, schema_name, table_name),
        hint = 'Nothing was changed. ' || format('Whoever owns the table can allow it: grant trigger on %I.%I to %I;', schema_name, table_name, current_user);
  end;
  return called;
end;
$$;

comment on function supaqueue.on_change(text, text, text, text[], text[], text[], text, text, boolean, text, integer, text, text, interval, interval, text) is 'For the owner alone: makes changes of a table jobs of a queue.';
