-- look_again: dependencies that could not be settled when a source ended, since
-- somebody else held a row, are settled now.
--
-- writes     supaqueue.unsettled, supaqueue.job_dependency, supaqueue.job; supaqueue.trouble
--
-- At most `most` notes, oldest first; returns how many there were. Waits for nobody:
-- what still is held is noted anew. A job that cannot be settled, since a trigger of the
-- user's refuses, is set aside and tried again by the sweep: it stops no other.

create or replace function supaqueue_internal.look_again(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  noted bigint[];
  aside bigint[];
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

  aside := array(
    select trouble.job from supaqueue.trouble
    where trouble.kind = 'dependencies' and trouble.job is not null and trouble.next_try_at <= clock_timestamp()
    limit look_again.most
    for update skip locked
  );

  for id in
    select distinct entry.id from unnest(noted || aside) as entry (id)
    where entry.id = any (aside) or not exists (
      select from supaqueue.trouble where trouble.kind = 'dependencies' and trouble.subject = entry.id::text
    )
  loop
    begin
      perform supaqueue_internal.settle_source(id);
      perform supaqueue_internal.settle_target(id);
      perform supaqueue_internal.fire_deferred('supaqueue.job_dependency');
      delete from supaqueue.trouble where trouble.kind = 'dependencies' and trouble.subject = id::text and id = any (aside);
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside('dependencies', id::text, sqlstate, sqlerrm, job => id);
      if sqlstate = '57014' then
        -- There is no time left: the others are looked at the next time.
        insert into supaqueue.unsettled (job) select distinct unnest(noted);
        exit;
      end if;
    end;
  end loop;
  return cardinality(noted || aside);
end;
$$;

comment on function supaqueue_internal.look_again(integer) is 'Settles dependencies that could not be settled because somebody held a row.';

insert into supaqueue.chore (name, place, routine) values ('dependencies', 100, 'look_again')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
