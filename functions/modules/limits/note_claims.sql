-- note_claims: so many jobs of a queue have been begun; its rate limit gives fewer from now on,
-- and a target that is being tried gets no other.
--
-- expects    that its caller holds the limit and the circuit
-- writes     supaqueue.rate_limit, supaqueue.circuit
--
-- In place of the core's default.

create or replace function supaqueue_internal.note_claims(queue supaqueue.queue, at timestamptz, jobs integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(current_setting('supaqueue.trying', true), '') <> ''
    and current_setting('supaqueue.trying', true) = supaqueue_internal.target_of(note_claims.queue)
  then
    -- Until its lease is over at the latest: whoever has it may die.
    update supaqueue.circuit
    set tried_at = note_claims.at, open_until = note_claims.at + ((note_claims.queue).timeout_ms + 10000) * interval '1 millisecond'
    where circuit.target = current_setting('supaqueue.trying', true) and circuit.open_until <= note_claims.at;
    perform set_config('supaqueue.trying', '', true);
    if exists (select from pg_trigger where pg_trigger.tgrelid = 'supaqueue.circuit'::regclass and pg_trigger.tginitdeferred) then
      perform supaqueue_internal.fire_deferred('supaqueue.circuit');
    end if;
  end if;

  if (note_claims.queue).rate_limit is null then
    return;
  end if;
  update supaqueue.rate_limit
  set free_at = supaqueue_internal.rate_since(rate_limit, note_claims.at)
    + least(note_claims.jobs / rate_limit.max_rps, 3e9) * interval '1 second'
  where rate_limit.name = (note_claims.queue).rate_limit;
  -- Or there would be no limit.
  if not found then
    perform supaqueue_internal.refuse_unwritten('supaqueue.rate_limit');
  end if;
  -- None of ours is deferred there.
  if exists (select from pg_trigger where pg_trigger.tgrelid = 'supaqueue.rate_limit'::regclass and pg_trigger.tginitdeferred) then
    perform supaqueue_internal.fire_deferred('supaqueue.rate_limit');
  end if;
end;
$$;

comment on function supaqueue_internal.note_claims(supaqueue.queue, timestamptz, integer) is 'Notes that so many jobs of a queue have been begun.';
