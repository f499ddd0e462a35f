-- keep_hooks: the functions and triggers of hooks, as their rows and this release say.
--
-- called by  install and upgrade, which give no `most`: functions are made anew where this release writes them otherwise;
--            sweep: only triggers are looked at
-- writes     what write_hook writes; supaqueue.hook, when a table has got another name
--
-- What a restore left out, a partition that was attached, a trigger that somebody dropped: it is there again. Who
-- renames a table takes its hook along. Of a table that has got a foreign part the triggers go, until that is gone. Never waits for long, and never fails: what cannot be put right now is tried again,
-- and hook_faults says so meanwhile. Only for the owner of supaqueue, as whom hooks run. Returns how many were written.

create or replace function supaqueue_internal.keep_hooks(most integer default null)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '100ms'
as $$
declare
  known supaqueue.hook;
  written integer := 0;
begin
  if (select pg_namespace.nspowner from pg_namespace where pg_namespace.nspname = 'supaqueue_internal') <> to_regrole(quote_ident(current_user))
    or not exists (select from supaqueue.hook)
  then
    return 0;
  end if;

  update supaqueue.hook
  set schema_name = renamed.schema_name, table_name = renamed.table_name
  from (
    select hook.id, min(pg_namespace.nspname) as schema_name, min(pg_class.relname) as table_name
    from supaqueue.hook
    join pg_proc on pg_proc.proname = supaqueue_internal.hook_routine(hook.id) and pg_proc.pronamespace = 'supaqueue_internal'::regnamespace
    join pg_trigger on pg_trigger.tgfoid = pg_proc.oid and not pg_trigger.tgisinternal and pg_trigger.tgnargs = 0
    join pg_class on pg_class.oid = pg_trigger.tgrelid
    join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    group by hook.id
    having count(distinct pg_class.oid) = 1
  ) as renamed
  where hook.id = renamed.id and (hook.schema_name, hook.table_name) is distinct from (renamed.schema_name, renamed.table_name)
    and hook.id = any (array(select held.id from supaqueue.hook as held for no key update skip locked));

  for known in
    select hook.* from supaqueue.hook
    where case
      when keep_hooks.most is not null then hook.id in (select gap.hook from supaqueue_internal.hook_gaps() as gap where gap.state in ('missing', 'extra'))
      else supaqueue_internal.hook_relations(hook.schema_name, hook.table_name) <> '{}'
    end
    order by hook.created_at, hook.id
    limit keep_hooks.most
  loop
    begin
      -- Beside a trigger of ours nothing could be written to it.
      if supaqueue_internal.unseen_part((supaqueue_internal.hook_relations(known.schema_name, known.table_name))[1]) is not null then
        perform supaqueue_internal.drop_hook(known.id);
        continue;
      end if;
      perform supaqueue_internal.find_hook_table(format('%I.%I', known.schema_name, known.table_name));
      perform supaqueue_internal.write_hook(known);
      written := written + 1;
    exception when assert_failure or others then
      raise warning using
        errcode = 'SQ503',
        message = format('the triggers of the hook %s could not be put right: %s', known.name, sqlerrm),
        hint = 'They are as they were. The sweep tries again; doctor says what is missing.';
    end;
  end loop;
  return written;
end;
$$;

comment on function supaqueue_internal.keep_hooks(integer) is 'Keeps the functions and triggers of hooks as their rows say.';

select supaqueue_internal.keep_hooks();

insert into supaqueue.chore (name, place, routine) values ('hooks', 170, 'keep_hooks')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
