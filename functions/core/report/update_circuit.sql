-- update_circuit: opens and closes the circuit of a queue by what its target did.
--
-- called by  report
-- writes     supaqueue.circuit
--
-- `reached` is how many calls of a turn got through to the function; `ended` are
-- the settled reports of the others, or null. Five in a row that were deferred
-- open the circuit: nothing is called for a second, or for as long as the target
-- asked; then one job is tried (allowance). Deferred again, it opens for twice
-- as long, five minutes at most. The first call that gets through closes it.
--
-- Calls that got through and calls that were deferred at the same time: a
-- target with a limit of its own. As long as most get through it stays closed.

create or replace function supaqueue_internal.update_circuit(queue uuid, reached integer, ended jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  deferred integer := 0;
  asked_ms double precision;
  last_error text;
  seen supaqueue.circuit;
begin
  if update_circuit.ended is not null then
    -- A batch is one call.
    select count(distinct coalesce(entry.call, entry.token)), max(entry.retry_after_ms), min(entry.error)
    into deferred, asked_ms, last_error
    from jsonb_to_recordset(update_circuit.ended) as entry (
      token uuid, call uuid, outcome text, retry_after_ms double precision, error text
    )
    where entry.outcome = 'deferred';
  end if;

  if deferred <= update_circuit.reached then
    if update_circuit.reached > 0 and exists (
      select from supaqueue.circuit where circuit.queue = update_circuit.queue and circuit.failures > 0
    ) then
      update supaqueue.circuit
      set failures = 0, openings = 0, opened_at = null, open_until = null, reason = null
      where circuit.queue = (
        select held.queue from supaqueue.circuit as held where held.queue = update_circuit.queue for update skip locked
      );
    end if;
    return;
  end if;

  -- Whoever holds it has just seen the same.
  select * into seen from supaqueue.circuit where circuit.queue = update_circuit.queue for update skip locked;
  if not found then
    return;
  end if;
  seen.failures := least(case when update_circuit.reached > 0 then 0 else seen.failures end + deferred, 1000000);
  -- What was under way when it opened tells nothing new.
  if seen.failures >= 5 and coalesce(seen.open_until <= at, true) then
    seen.opened_at := coalesce(seen.opened_at, at);
    seen.open_until := at + greatest(
      least(coalesce(asked_ms, 0), 3600000), least(1000 * 2 ^ least(seen.openings, 20), 300000)
    ) * interval '1 millisecond';
    seen.openings := least(seen.openings + 1, 1000000);
  end if;
  update supaqueue.circuit
  set failures = seen.failures, openings = seen.openings, opened_at = seen.opened_at, open_until = seen.open_until, reason = last_error
  where circuit.queue = update_circuit.queue;
end;
$$;

comment on function supaqueue_internal.update_circuit(uuid, integer, jsonb) is 'Opens and closes the circuit of a queue by what its target did.';
revoke execute on function supaqueue_internal.update_circuit(uuid, integer, jsonb) from public, anon, authenticated;
grant execute on function supaqueue_internal.update_circuit(uuid, integer, jsonb) to service_role;
