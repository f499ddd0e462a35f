-- note_outcomes: opens and closes the circuits of targets by what became of calls.
--
-- reads      supaqueue.queue
-- writes     supaqueue.circuit, supaqueue.trouble
--
-- In place of the core's default. `reached` has an entry per call of a turn that got through
-- to its target: the url of its job, or null. `ended` are the settled reports worth
-- remembering, or null: among them calls that were deferred, and those of a
-- host that was not there (failed, and not reached).
--
-- Five in a row open the circuit of a target: nothing is called for a second, or for as long
-- as the target asked; then one job is tried (claims_allowed, pass_over). Deferred again,
-- it opens for twice as long, five minutes at most. The first call that gets through closes it.
--
-- Calls that got through and calls that were deferred at the same time: a target with a
-- limit of its own. As long as most get through it stays closed.
--
-- Waits for nobody. Whoever holds a circuit has just seen the same, and whoever is making one
-- holds the row of the chore that forgets them.

create or replace function supaqueue_internal.note_outcomes(queue uuid, reached text[], ended jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  counted record;
  seen supaqueue.circuit;
  -- None of ours is.
  deferring boolean;
begin
  -- The usual case: every call got through, and no target is in doubt.
  if not exists (select from supaqueue.circuit where circuit.failures > 0)
    and jsonb_path_exists(note_outcomes.ended, '$[*] ? (@.outcome == "deferred" || @.reached == false)') is not true
  then
    return;
  end if;

  deferring := exists (select from pg_trigger where pg_trigger.tgrelid = 'supaqueue.circuit'::regclass and pg_trigger.tginitdeferred);
  for counted in
    select
      supaqueue_internal.target_of(home, entry.url) as target,
      count(*) filter (where entry.outcome = 'reached') as reached,
      -- A batch is one call.
      count(distinct entry.call) filter (where entry.outcome in ('deferred', 'failed')) as refused,
      max(entry.retry_after_ms) as asked_ms,
      min(entry.error) as reason,
      max(entry.begun_at) filter (where entry.outcome <> 'reached') as begun_at
    from supaqueue.queue as home
    cross join lateral (
      select 'reached' as outcome, null::uuid as call, url, null::timestamptz as begun_at, null::double precision as retry_after_ms, null as error
      from unnest(note_outcomes.reached) as url
      union all
      select report.outcome, coalesce(report.call, report.token), report.url, report.begun_at, report.retry_after_ms, report.error
      from jsonb_to_recordset(note_outcomes.ended) as report (
        token uuid, call uuid, outcome text, url text, begun_at timestamptz, reached boolean, retry_after_ms double precision, error text
      )
      where report.outcome in ('deferred', 'unknown')
        or report.outcome = 'failed' and not report.reached
    ) as entry
    where home.id = note_outcomes.queue
    group by 1
    having supaqueue_internal.target_of(home, entry.url) is not null
    order by 1
  loop
    begin
      if counted.refused <= counted.reached then
        if counted.reached > 0 then
          update supaqueue.circuit
          set failures = 0, openings = 0, opened_at = null, open_until = null, tried_at = null, reason = null
          where circuit.target = (
            select held.target from supaqueue.circuit as held
            where held.target = counted.target and held.failures > 0
            for update skip locked
          );
        else
          -- Nobody knows what became of the one that was to try the target: another does.
          update supaqueue.circuit
          set open_until = least(circuit.open_until, at), tried_at = null
          where circuit.target = (
            select held.target from supaqueue.circuit as held
            where held.target = counted.target and held.tried_at <= counted.begun_at
            for update skip locked
          );
        end if;
        if deferring then
          perform supaqueue_internal.fire_deferred('supaqueue.circuit');
        end if;
        continue;
      end if;

      select * into seen from supaqueue.circuit where circuit.target = counted.target for update skip locked;
      if not found then
        perform from supaqueue.chore where chore.name = 'circuits' for no key update skip locked;
        if not found then
          continue;
        end if;
        insert into supaqueue.circuit (target) values (counted.target) on conflict do nothing returning * into seen;
        if not found then
          continue;
        end if;
      end if;
      seen.failures := least(case when counted.reached > 0 then 0 else seen.failures end + counted.refused, 1000000);
      -- What was under way when it opened tells nothing new.
      if seen.failures >= 5 and (coalesce(seen.open_until <= at, true) or seen.tried_at <= counted.begun_at) then
        seen.opened_at := coalesce(seen.opened_at, at);
        seen.open_until := at + greatest(
          least(coalesce(counted.asked_ms, 0), 3600000), least(1000 * 2 ^ least(seen.openings, 20), 300000)
        ) * interval '1 millisecond';
        seen.openings := least(seen.openings + 1, 1000000);
        seen.tried_at := null;
      end if;
      update supaqueue.circuit
      set
        failures = seen.failures, openings = seen.openings, opened_at = seen.opened_at, open_until = seen.open_until,
        tried_at = seen.tried_at, refused_at = at, reason = counted.reason
      where circuit.target = counted.target;
      if deferring then
        perform supaqueue_internal.fire_deferred('supaqueue.circuit');
      end if;
    exception when query_canceled or assert_failure or others then
      -- What became of the calls is written down all the same.
      perform supaqueue_internal.put_aside('circuit', counted.target, sqlstate, sqlerrm, queue => note_outcomes.queue);
    end;
  end loop;
end;
$$;

comment on function supaqueue_internal.note_outcomes(uuid, text[], jsonb) is 'Opens and closes the circuits of targets by what became of calls.';
