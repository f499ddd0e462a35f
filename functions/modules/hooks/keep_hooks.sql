-- keep_hooks: the functions and triggers of hooks, as their rows and this release say.
--
-- called by  install and upgrade, which give no `most`: functions are made anew where this release writes them otherwise;
--            as a chore it is one of the last, since tables stay locked until the transaction ends: only triggers are looked at
-- writes     what write_hook writes; supaqueue.hook, when a table has got another name; supaqueue.trouble
--
-- What a restore left out, a partition that was attached, a trigger that somebody dropped: it is there again. Who
-- renames a table takes its hook along. Of a table that has got a foreign part the triggers go, until that is gone.
-- Never waits for long, and never fails. What cannot be put right is set aside with its reason, and comes after all others the
-- next time, in a minute at the latest: a table that is busy may be free then. In a sweep nothing is begun after a second, and of
-- one hook no trigger after a third of it: what is left is done by the next. Only for the owner of supaqueue, as whom hooks
-- run. Returns how many were written.

create or replace function supaqueue_internal.keep_hooks(most integer default null)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '100ms'
as $$
declare
  swept constant boolean := keep_hooks.most is not null;
  ends_at constant timestamptz := clock_timestamp() + interval '1 second';
  known supaqueue.hook;
  renamed record;
  written integer := 0;
begin
  if (select pg_namespace.nspowner from pg_namespace where pg_namespace.nspname = 'supaqueue_internal') <> to_regrole(quote_ident(current_user))
    or not exists (select from supaqueue.hook)
  then
    return 0;
  end if;

  for renamed in
    select hook.id, hook.name, hook.queue, min(pg_namespace.nspname) as schema_name, min(pg_class.relname) as table_name
    from supaqueue.hook
    join pg_proc on pg_proc.proname = supaqueue_internal.hook_routine(hook.id) and pg_proc.pronamespace = 'supaqueue_internal'::regnamespace
    join pg_trigger on pg_trigger.tgfoid = pg_proc.oid and not pg_trigger.tgisinternal and pg_trigger.tgnargs = 0
    join pg_class on pg_class.oid = pg_trigger.tgrelid
    join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    group by hook.id
    having count(distinct pg_class.oid) = 1
      and (hook.schema_name, hook.table_name) is distinct from (min(pg_namespace.nspname)::text, min(pg_class.relname)::text)
  loop
    begin
      update supaqueue.hook
      set schema_name = renamed.schema_name, table_name = renamed.table_name
      where hook.id = (select held.id from supaqueue.hook as held where held.id = renamed.id for no key update skip locked);
      perform supaqueue_internal.fire_deferred('supaqueue.hook');
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside('hooks', renamed.id::text, sqlstate, sqlerrm, queue => renamed.queue);
      exit when sqlstate = '57014';
    end;
  end loop;

  for known in
    select hook.*
    from supaqueue.hook
    left join supaqueue.trouble on swept and trouble.kind = 'hooks' and trouble.subject = hook.id::text
    where supaqueue_internal.hook_relations(hook.schema_name, hook.table_name) <> '{}' and (not swept or (
      hook.id in (select gap.hook from supaqueue_internal.hook_gaps() as gap where gap.state in ('missing', 'extra'))
      and coalesce(trouble.next_try_at not between clock_timestamp() and clock_timestamp() + interval '1 hour', true)
    ))
    order by trouble.tried_at nulls first, hook.created_at, hook.id
    limit keep_hooks.most
  loop
    exit when swept and clock_timestamp() >= ends_at;
    begin
      -- Beside a trigger of ours nothing could be written to it.
      if supaqueue_internal.unseen_part((supaqueue_internal.hook_relations(known.schema_name, known.table_name))[1]) is not null then
        perform supaqueue_internal.drop_hook(known.id);
        continue;
      end if;
      perform supaqueue_internal.find_hook_table(format('%I.%I', known.schema_name, known.table_name));
      perform supaqueue_internal.write_hook(known, until => case when swept then clock_timestamp() + interval '300 milliseconds' end);
      written := written + 1;
    -- Whoever has an event trigger has it run in here.
    exception when query_canceled or assert_failure or others then
      raise warning using
        errcode = 'SQ503',
        message = format('the triggers of the hook %s could not be put right: %s', known.name, sqlerrm),
        hint = 'They are as they were. The sweep tries again; doctor says what is missing.';
      if swept then
        perform supaqueue_internal.put_aside('hooks', known.id::text, sqlstate, sqlerrm, queue => known.queue);
        update supaqueue.trouble set next_try_at = least(trouble.next_try_at, trouble.tried_at + interval '1 minute')
        where trouble.kind = 'hooks' and trouble.subject = known.id::text;
      end if;
      exit when sqlstate = '57014';
    end;
  end loop;

  if exists (select from supaqueue.trouble where trouble.kind = 'hooks') then
    delete from supaqueue.trouble
    where trouble.kind = 'hooks'
      and trouble.subject not in (select gap.hook::text from supaqueue_internal.hook_gaps() as gap where gap.state in ('table', 'missing', 'extra'));
  end if;
  return written;
end;
$$;

comment on function supaqueue_internal.keep_hooks(integer) is 'Keeps the functions and triggers of hooks as their rows say.';

select supaqueue_internal.keep_hooks();

insert into supaqueue.chore (name, place, routine) values ('hooks', 940, 'keep_hooks')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
