-- hook_call: the statement that makes a hook as it is.
--
-- called by  people, too, who write a hook into a migration
--
-- What is as by default is left out.

create or replace function supaqueue_internal.hook_call(hook supaqueue.hook)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select concat(
    format('select supaqueue.on_change(%L, %L, name => %L', format('%I.%I', hook.schema_name, hook.table_name), queue.name, hook.name),
    case when not hook.events @> '{delete, insert, update}' or 'truncate' = any (hook.events) then format(', events => %L', hook.events) end,
    ', columns => ' || quote_literal(hook.columns), ', ignore => ' || quote_literal(hook.ignore), ', "when" => ' || quote_literal(hook.condition),
    case when hook.payload <> 'full' then format(', payload => %L', hook.payload) end,
    case when hook.soft then ', soft => true' end,
    case when hook.own_changes <> 'mark' then format(', own_changes => %L', hook.own_changes) end,
    case when hook.max_depth <> 10 then format(', max_depth => %s', hook.max_depth) end,
    ', ordered => ' || quote_literal(hook.ordered), ', coalesces => ' || quote_literal(hook.coalesces),
    ', delay => ' || quote_literal(hook.delay), ', max_wait => ' || quote_literal(hook.max_wait),
    ');'
  )
  from supaqueue.queue
  where queue.id = hook.queue
$$;

comment on function supaqueue_internal.hook_call(supaqueue.hook) is 'The statement that makes a hook as it is.';
