-- fire_deferred: what users have deferred to the commit happens now.
--
-- expects    to be called within the subtransaction that is to catch what it raises
-- reads      the catalog
--
-- A deferred trigger or foreign key of the user's that raises at commit would undo all
-- that was done; raised here, it stops only what set it off. Ours stay deferred.
-- Costs one look by index where the user has none. `besides`: a table of a module that was
-- written, too. `anywhere`: whatever table of ours was written.
--
-- A foreign key of a table whose schema the caller may not enter cannot be named by the caller: fire_deferred_as_owner does it.

create or replace function supaqueue_internal.fire_deferred(besides regclass default null, anywhere boolean default false)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  names text;
  is_closed boolean;
begin
  -- What most projects do not have is asked first, by the index of triggers by table.
  if not fire_deferred.anywhere and not exists (
    select from pg_trigger join pg_proc on pg_proc.oid = pg_trigger.tgfoid
    where pg_trigger.tgrelid in (
        'supaqueue.job'::regclass, 'supaqueue.current_job'::regclass, 'supaqueue.worker'::regclass,
        'supaqueue.queue'::regclass, 'supaqueue.attempt'::regclass, 'supaqueue.heartbeat'::regclass,
        'supaqueue.trouble'::regclass, fire_deferred.besides
      )
      and pg_trigger.tginitdeferred and pg_proc.pronamespace <> 'supaqueue_internal'::regnamespace
  ) then
    return;
  end if;

  select string_agg(distinct format('%s.%I', made.connamespace::regnamespace, made.conname), ', ')
      filter (where has_schema_privilege(made.connamespace, 'usage')),
    bool_or(not has_schema_privilege(made.connamespace, 'usage')) into names, is_closed
  from pg_trigger join pg_proc on pg_proc.oid = pg_trigger.tgfoid
  join pg_constraint as made on made.oid = pg_trigger.tgconstraint
  join pg_class on pg_class.oid = pg_trigger.tgrelid
  where pg_class.relnamespace = 'supaqueue'::regnamespace
    and pg_trigger.tginitdeferred and pg_proc.pronamespace <> 'supaqueue_internal'::regnamespace;
  perform supaqueue_internal.fire_deferred_as_owner() where is_closed;
  if names is not null then
    execute format('set constraints %1$s immediate; set constraints %1$s deferred', names);
  end if;
end;
$$;

comment on function supaqueue_internal.fire_deferred(regclass, boolean) is 'Has deferred triggers and foreign keys of users fire now, so that one that raises stops only what set it off.';
