-- backfill: rows that are there already become jobs of a hook, slice by slice.
--
-- called by  users
-- writes     supaqueue.backfill; the rest does run_backfills
--
-- `where` is SQL over the row `new`: new.created_at > '2026-01-01'. `rate` is how many rows a second are looked at, at
-- most. The bodies are those of an INSERT, with the row as it is then, and the header supaqueue-hook-backfill.
-- Of a row, never an older state after a newer one: it is locked while its job is made, so the jobs of a row have the
-- order of its states, and an ordered hook delivers them so. With the payload `keys` there is no state in a job. Of other hooks, jobs pass
-- each other: those are refused, unless `any_order`.
-- Only for the owner of supaqueue, as whom the condition runs. Returns the id of the backfill.
--
-- Errors: SQ404 no such hook, SQ409 jobs pass each other or a backfill of it runs, SQ422 the condition or rate is not valid.

create or replace function supaqueue.backfill(
  hook text, "where" text default null, rate double precision default 100, any_order boolean default false
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  known supaqueue.hook;
  at oid;
  made bigint;
  looked refcursor;
begin
  select found.* into known from supaqueue.hook as found where found.name = backfill.hook for no key update;
  if known.id is null then
    perform supaqueue_internal.refuse_hook(backfill.hook);
  end if;
  at := supaqueue_internal.find_hook_table(format('%I.%I', known.schema_name, known.table_name));
  if (supaqueue_internal.hook_keys(at)).names = '{}' or not coalesce(backfill.rate between 0.001 and 1e6, false) then
    raise exception using
      errcode = 'SQ422',
      message = case when (supaqueue_internal.hook_keys(at)).names = '{}'
        then format('%I.%I has no primary key, by which a backfill would go', known.schema_name, known.table_name)
        else 'a rate is how many rows a second are looked at: 0.001 to 1000000' end,
      hint = 'Nothing was changed. For example: select supaqueue.backfill(''photos_thumbnails'', ''new.kind = ''''image'''''', 50);';
  end if;
  if known.payload <> 'keys'
    and (known.ordered is null or not exists (select from supaqueue.queue where queue.id = known.queue and queue.ordered is not null))
    and backfill.any_order is not true
  then
    raise exception using
      errcode = 'SQ409',
      message = format('the jobs of the hook %L pass each other: an older state of a row could come after a newer one', known.name),
      hint = 'Nothing was changed. Have its jobs go in order (on_change with ordered => ''key''), or send keys alone (payload => ''keys''). If it does not matter: any_order => true.';
  end if;
  if exists (select from supaqueue.backfill as other where other.hook = known.id and other.status = 'running') then
    raise exception using
      errcode = 'SQ409',
      message = format('a backfill of the hook %L runs', known.name),
      hint = 'Nothing was changed. ' || format('Wait for it, or stop it: select supaqueue.cancel_backfill(%s);', (
        select min(other.id) from supaqueue.backfill as other where other.hook = known.id and other.status = 'running'
      ));
  end if;
  if backfill."where" is not null then
    begin
      -- By a cursor, which takes one statement: what closes our bracket is no condition.
      open looked for execute format(e'select from %I.%I as new where false and (\n%s\n)', known.schema_name, known.table_name, backfill."where");
      close looked;
    exception when assert_failure or others then
      raise exception using
        errcode = 'SQ422',
        message = format('the condition is not valid: %s', sqlerrm),
        hint = 'It is SQL over the row new, such as: new.status = ''approved''. What is not in pg_catalog is written with its schema. Nothing was changed.';
    end;
  end if;

  insert into supaqueue.backfill (hook, condition, per_second, estimate)
  values (known.id, backfill."where", backfill.rate, (
    select coalesce(sum(greatest(pg_class.reltuples, 0)), 0)::bigint
    from pg_class
    where pg_class.oid = any (supaqueue_internal.hook_relations(known.schema_name, known.table_name)) and pg_class.relkind = 'r'
  ))
  returning id into made;
  return made;
end;
$$;

comment on function supaqueue.backfill(text, text, double precision, boolean) is 'For the owner alone: makes jobs of rows that already exist.';
