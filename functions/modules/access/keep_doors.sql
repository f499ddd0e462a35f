-- keep_doors: who may run the functions of the doors, as the doors say.
--
-- called by  the files of those functions, too, when they are made anew
-- reads      supaqueue.door
--
-- A role may run them as long as one queue is open to it. Does nothing where that is
-- so already. Who opens or closes a door waits for whoever is just doing so
-- (take_name): neither sees what the other has not committed, and the last of the two
-- would leave rights that no door stands for. For a second only: somebody may have left
-- a transaction open, and a door that is abused must be closed all the same.

create or replace function supaqueue_internal.keep_doors()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  change record;
begin
  if not supaqueue_internal.take_name('doors', '', 1000) then
    raise warning using
      errcode = 'SQ423',
      message = 'somebody has opened or closed a queue in a transaction that is still open',
      hint = 'The queue is opened or closed as you said. To see who: select * from pg_stat_activity where state like ''idle in transaction%'' order by xact_start;';
  end if;
  for change in
    select known.role, found.signature, wanted.open
    from (values ('public'), ('anon'), ('authenticated')) as known (role)
    cross join unnest(array[
      'public.supaqueue_enqueue(text, jsonb, text, timestamptz)',
      'public.supaqueue_status(bigint)',
      'public.supaqueue_cancel(bigint)',
      'public.supaqueue_signal(bigint, text, jsonb, text)'
    ]) as named (signature)
    -- During an install some are not there yet.
    cross join lateral (select to_regprocedure(named.signature) as signature) as found
    cross join lateral (select exists (select from supaqueue.door where door.role = known.role) as open) as wanted
    -- By its own name: what everybody may says nothing about a role, and is taken back.
    cross join lateral (
      select exists (
        select from pg_proc as p
        cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as granted
        where p.oid = found.signature and granted.grantee = coalesce(to_regrole(known.role)::oid, 0)
      ) as may
    ) as held
    where found.signature is not null
      and held.may <> wanted.open
  loop
    if change.open then
      execute format('grant execute on function %s to %I', change.signature, change.role);
    else
      execute format('revoke execute on function %s from %I', change.signature, change.role);
    end if;
  end loop;
end;
$$;

comment on function supaqueue_internal.keep_doors() is 'Lets those roles run the functions of the doors that a queue is open to.';
