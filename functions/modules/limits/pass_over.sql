-- pass_over: of the jobs that were chosen, those whose own target takes calls.
--
-- reads      supaqueue.circuit
-- writes     supaqueue.job.run_at, supaqueue.circuit
--
-- In place of the core's default. `chosen` are locked by the caller. Jobs of a host that is
-- left alone are put off until it is tried again, a thousand of those that are due at once,
-- and others are chosen in their place: so a dead host costs a write per job and opening,
-- and the jobs of other hosts go on. `only_these`: nothing is put off, no other is chosen.
--
-- Of a target that is to be tried, one job is among them: whoever was tried least, as it is
-- the likeliest to succeed. Not only of those that were chosen, but of the next thousand: jobs that are deferred each time
-- may be the highest of their queue. With per_key of those that were chosen, whose keys have room.
-- The others follow within a second, or later if the call takes long.
-- Sessions that choose at the same moment do not wait: one of them tries.

create or replace function supaqueue_internal.pass_over(
  queue supaqueue.queue, at timestamptz, chosen bigint[],
  per_key integer default null, version integer default null, only_these boolean default false
)
returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  candidates bigint[] := pass_over.chosen;
  fit bigint[] := '{}';
  fit_now bigint[];
  swap record;
  ahead bigint[];
  ids bigint[];
  untils timestamptz[];
begin
  -- The usual case: no target is left alone.
  if not exists (select from supaqueue.circuit where circuit.open_until is not null) then
    return pass_over.chosen;
  end if;

  if not pass_over.only_these and pass_over.per_key is null
    and exists (select from supaqueue.circuit where circuit.open_until <= pass_over.at)
  then
    ahead := supaqueue_internal.due_jobs((pass_over.queue).id, pass_over.at, 1000, version => pass_over.version);
    for swap in
      with seen as (
        select
          job.id, listed.place, circuit.target, job.attempts + job.deferrals as tried,
          job.id = any (pass_over.chosen) as is_chosen
        from unnest(pass_over.chosen || ahead) with ordinality as listed (id, place)
        join supaqueue.job on job.id = listed.id
        join supaqueue.circuit
          on circuit.target = supaqueue_internal.target_of(pass_over.queue, job.url) and circuit.open_until <= pass_over.at
        where job.status::text = 'pending'
      ),
      least_tried as (
        select distinct on (seen.target) seen.* from seen order by seen.target, seen.tried, seen.place
      )
      select taken.id as taken, least_tried.id as instead
      from least_tried
      cross join lateral (
        select seen.id from seen where seen.target = least_tried.target and seen.is_chosen order by seen.place limit 1
      ) as taken
      where not least_tried.is_chosen
    loop
      perform from supaqueue.job where job.id = swap.instead and job.status::text = 'pending' for no key update skip locked;
      if found then
        candidates := array_replace(candidates, swap.taken, swap.instead);
      end if;
    end loop;
  end if;

  for round in 1 .. 5 loop
    with seen as (
      select
        job.id, listed.place, circuit.target, circuit.open_until,
        row_number() over (partition by circuit.target order by job.attempts + job.deferrals, listed.place) as turn
      from unnest(candidates) with ordinality as listed (id, place)
      join supaqueue.job on job.id = listed.id
      left join supaqueue.circuit
        on circuit.target = supaqueue_internal.target_of(pass_over.queue, job.url) and circuit.open_until is not null
    ),
    tried as (
      update supaqueue.circuit
      set tried_at = pass_over.at, open_until = pass_over.at + ((pass_over.queue).timeout_ms + 10000) * interval '1 millisecond'
      where circuit.target = any (array(
        select held.target
        from supaqueue.circuit as held
        where held.target in (select seen.target from seen where seen.open_until <= pass_over.at)
          and held.open_until <= pass_over.at
        for no key update skip locked
      ))
      returning circuit.target
    )
    select coalesce(array_agg(seen.id order by seen.place), '{}') into fit_now
    from seen
    where seen.target is null or seen.turn = 1 and seen.target in (select tried.target from tried);

    fit := fit || fit_now;
    exit when pass_over.only_these or cardinality((pass_over.queue).allowed_hosts) = 0 or cardinality(fit_now) = cardinality(candidates);

    ahead := supaqueue_internal.due_jobs(
      (pass_over.queue).id, pass_over.at, 1000, per_key => pass_over.per_key, version => pass_over.version
    );
    select array_agg(put_off.id), array_agg(put_off.until) into ids, untils
    from (
      select
        waiting.id,
        case
          when circuit.open_until <= pass_over.at then pass_over.at + interval '1 second'
          when circuit.tried_at is null then circuit.open_until
          else pass_over.at + greatest(pass_over.at - circuit.tried_at, interval '1 second')
        -- Those that were tried before come after the others.
        end + least(waiting.attempts + waiting.deferrals, 1000) * interval '1 millisecond' as until
      from supaqueue.job as waiting
      join supaqueue.circuit
        on circuit.target = supaqueue_internal.target_of(pass_over.queue, waiting.url) and circuit.open_until is not null
      where waiting.id = any (ahead || candidates)
        and waiting.id <> all (fit)
        and waiting.status = 'pending'
        and waiting.run_at <= pass_over.at
        -- A host that is to be tried may be tried by the next round.
        and (circuit.open_until > pass_over.at or waiting.id = any (candidates))
      for no key update of waiting skip locked
    ) as put_off;

    begin
      update supaqueue.job
      set run_at = entry.until, updated_at = pass_over.at
      from unnest(ids, untils) as entry (id, until)
      where job.id = entry.id;
    exception when query_canceled or assert_failure or others then
      -- A trigger of the user's refuses one of them: that one is set aside.
      for i in 1 .. cardinality(ids) loop
        begin
          if sqlstate = '57014' then
            return fit;
          end if;
          update supaqueue.job set run_at = untils[i], updated_at = pass_over.at where job.id = ids[i];
        exception when query_canceled or assert_failure or others then
          perform supaqueue_internal.put_aside('begin', ids[i]::text, sqlstate, sqlerrm, (pass_over.queue).id, ids[i]);
        end;
      end loop;
    end;

    candidates := array(
      select listed.id
      from unnest(supaqueue_internal.due_jobs(
        (pass_over.queue).id, pass_over.at, cardinality(pass_over.chosen), locking => true,
        per_key => pass_over.per_key, version => pass_over.version
      )) with ordinality as listed (id, place)
      where listed.id <> all (fit)
      order by listed.place
      limit cardinality(pass_over.chosen) - cardinality(fit)
    );
    exit when candidates = '{}';
  end loop;

  return fit;
end;
$$;

comment on function supaqueue_internal.pass_over(supaqueue.queue, timestamptz, bigint[], integer, integer, boolean) is 'Of the jobs that were chosen, those whose own target takes calls; the others are put off, and more are chosen.';
