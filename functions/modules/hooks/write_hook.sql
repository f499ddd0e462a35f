-- write_hook: makes the functions and triggers of a hook, as its row says.
--
-- writes     supaqueue_internal.hook_<id>, which runs as its owner; triggers on the table and its partitions
--
-- Triggers that stand are left alone, so that a table is locked only where one is missing or to go. Whoever calls it owns the
-- functions, and must be allowed to make triggers on the table. After `until` no more of them are made, but one: a table may
-- have thousands of partitions. If the ones that stand had to go, all are made, so that no write passes between.

create or replace function supaqueue_internal.write_hook(hook supaqueue.hook, until timestamptz default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  routine constant text := supaqueue_internal.hook_routine(hook.id);
  prefix constant text := supaqueue_internal.hook_trigger(hook.id, '');
  relations constant oid[] := supaqueue_internal.hook_relations(hook.schema_name, hook.table_name);
  change record;
  made integer := 0;
  in_parts boolean := until is not null;
begin
  if hook.condition is not null then
    execute format(
      'create or replace function supaqueue_internal.%I(new record, old record) returns boolean language plpgsql set search_path = pg_catalog, pg_temp as %L',
      routine || '_when',
      format(
        $body$
declare
  fault_code text;
  fault_reason text;
begin
  return (
%s
  ) is true;
exception when assert_failure or others then
  get stacked diagnostics fault_code = returned_sqlstate, fault_reason = message_text;
  perform supaqueue_internal.note_hook_fault(%s, fault_code, fault_reason);
  return true;
end;
$body$,
        hook.condition, quote_literal(hook.id)
      )
    );
    execute format('revoke execute on function supaqueue_internal.%I from public, anon, authenticated', routine || '_when');
    execute format('comment on function supaqueue_internal.%I is %L', routine || '_when', format('The condition of the hook %s. Made by supaqueue.on_change.', hook.name));
  else
    execute format('drop function if exists supaqueue_internal.%I(record, record)', routine || '_when');
  end if;

  -- By the function, for the table may be somebody else's: whoever owns the function may drop it with its triggers.
  if exists (
    select from pg_trigger
    where pg_trigger.tgfoid = to_regprocedure(format('supaqueue_internal.%I()', routine))
      and (pg_trigger.tgrelid <> all (relations) or substr(pg_trigger.tgname, length(prefix) + 1) <> all (hook.events))
  ) then
    execute format('drop function supaqueue_internal.%I() cascade', routine);
    in_parts := false;
  end if;

  execute format(
    'create or replace function supaqueue_internal.%I() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as %L',
    routine, supaqueue_internal.hook_source(hook)
  );
  execute format('revoke execute on function supaqueue_internal.%I from public, anon, authenticated', routine);
  execute format('comment on function supaqueue_internal.%I is %L', routine, format('Makes jobs of changes, as the hook %s says. Made by supaqueue.on_change.', hook.name));

  -- Relations in one order, the table before its partitions, as whoever writes locks them.
  for change in
    select relation, pg_class.oid::regclass as name, event, prefix || event as called
    from unnest(relations) with ordinality as part (relation, place)
    join pg_class on pg_class.oid = relation
    cross join unnest(hook.events) as event
    where not exists (
      select from pg_trigger where pg_trigger.tgrelid = relation and pg_trigger.tgname = prefix || event
    )
    order by part.place, event
  loop
    exit when in_parts and made > 0 and clock_timestamp() > until;
    made := made + 1;
    execute format(
      'create trigger %I after %s on %s %s for each statement execute function supaqueue_internal.%I(%s)',
      change.called, change.event, change.name,
      case change.event
        when 'insert' then 'referencing new table as supaqueue_new_rows'
        when 'delete' then 'referencing old table as supaqueue_old_rows'
        when 'update' then 'referencing old table as supaqueue_old_rows new table as supaqueue_new_rows'
      end,
      routine, case when change.relation <> relations[1] then '''partition''' end
    );
  end loop;
end;
$$;

comment on function supaqueue_internal.write_hook(supaqueue.hook, timestamptz) is 'For the owner alone: makes the functions and triggers of a hook, as its row says.';
