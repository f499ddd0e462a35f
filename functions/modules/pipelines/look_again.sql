-- look_again: dependencies that could not be settled when a source ended, since
-- somebody else held a row, are settled now.
--
-- writes     supaqueue.unsettled, supaqueue.job_dependency, supaqueue.job; supaqueue.trouble
--
-- At most `most` notes, oldest first, and no job is begun with after a second; returns how many there were. Waits for nobody:
-- what still is held is noted anew. A job that cannot be settled, since a trigger of the
-- user's refuses, is set aside and tried again by the sweep: it stops no other.

create or replace function supaqueue_internal.look_again(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  seen bigint[] := '{}';
  at constant timestamptz := clock_timestamp();
  noted bigint[];
  aside bigint[];
  one bigint;
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

  for one in
    select distinct entry.id from unnest(noted || aside) as entry (id)
    where entry.id = any (aside) or not exists (
      select from supaqueue.trouble where trouble.kind = 'dependencies' and trouble.subject = entry.id::text
    )
  loop
    if seen <> '{}' and supaqueue_internal.time_is_up(at) then
      -- The others are looked at the next time.
      insert into supaqueue.unsettled (job) select distinct left_over.id from unnest(noted) as left_over (id) where left_over.id <> all (seen);
      exit;
    end if;
    seen := seen || one;
    begin
      if one = any (aside) then
        -- It may be the end of a source that could not be written.
        perform supaqueue_internal.settle_source(edge.source)
        from supaqueue.job_dependency as edge
        join supaqueue.job on job.id = edge.source and job.status > 'in_progress'
        where edge.target = one and edge.ended_as is null;
      end if;
      perform supaqueue_internal.settle_source(one);
      perform supaqueue_internal.settle_target(one);
      perform supaqueue_internal.fire_deferred('supaqueue.job_dependency');
      -- Unless it was set aside again just now.
      delete from supaqueue.trouble
      where trouble.kind = 'dependencies' and trouble.subject = one::text and one = any (aside) and trouble.tried_at < at;
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside('dependencies', one::text, sqlstate, sqlerrm, job => one);
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
