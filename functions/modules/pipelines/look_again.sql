-- look_again: dependencies that could not be settled when a source ended, since
-- somebody else held a row, are settled now.
--
-- called by  on_pulse_kept, sweep
-- writes     supaqueue.unsettled, supaqueue.job_dependency, supaqueue.job
--
-- At most `most` notes, oldest first; returns how many there were. Waits for nobody:
-- what still is held is noted anew.

create or replace function supaqueue_internal.look_again(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  noted bigint[];
  id bigint;
begin
  -- Nothing could be settled by an older snapshot.
  if current_setting('transaction_isolation') <> 'read committed' then
    return 0;
  end if;

  with taken as (
    delete from supaqueue.unsettled
    where unsettled.id in (
      select held.id from supaqueue.unsettled as held order by held.id limit look_again.most for update skip locked
    )
    returning unsettled.job
  )
  select coalesce(array_agg(taken.job), '{}') into noted from taken;

  for id in select distinct unnest(noted) loop
    perform supaqueue_internal.settle_source(id);
    perform supaqueue_internal.settle_target(id);
  end loop;
  return cardinality(noted);
end;
$$;

comment on function supaqueue_internal.look_again(integer) is 'Settles dependencies that could not be settled because somebody held a row.';
revoke execute on function supaqueue_internal.look_again(integer) from public, anon, authenticated;
grant execute on function supaqueue_internal.look_again(integer) to service_role;
