-- claims_allowed: how many jobs of a queue the circuit of its target and its rate limit let
-- begin at a time.
--
-- reads      supaqueue.circuit, supaqueue.rate_limit; with `locking`, holds them
--
-- In place of the core's default. While the circuit is open: 0. Once it has been open for its
-- time: 1, and note_claims closes it again until that one is reported. Where jobs may lead to
-- several hosts, each is looked at by itself (pass_over). Held by somebody else: 0.
-- `counted` where a target is tried or the rate is limited.

create or replace function supaqueue_internal.claims_allowed(
  queue supaqueue.queue, at timestamptz, most integer, locking boolean default false,
  out allowed integer, out counted boolean
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  seen supaqueue.rate_limit;
  since timestamptz;
  target_called text;
  gate supaqueue.circuit;
begin
  allowed := claims_allowed.most;
  counted := false;
  if (claims_allowed.queue).mode = 'push'
    and (cardinality((claims_allowed.queue).allowed_hosts) = 0 or (claims_allowed.queue).batch_size > 1)
  then
    -- As target_of has it, which would cost a call at every claim.
    target_called := case
      when (claims_allowed.queue).url is null then 'function ' || (claims_allowed.queue).edge_function_name
      else 'host ' || supaqueue_internal.host_of((claims_allowed.queue).url) end;
    select * into gate from supaqueue.circuit where circuit.target = target_called and circuit.open_until is not null;
    if gate.open_until > claims_allowed.at then
      allowed := 0;
      return;
    elsif gate.target is not null then
      if claims_allowed.locking then
        perform
        from supaqueue.circuit
        where circuit.target = gate.target and circuit.open_until <= claims_allowed.at
        for no key update skip locked;
        if not found then
          allowed := 0;
          return;
        end if;
        perform set_config('supaqueue.trying', gate.target, true);
      end if;
      allowed := least(allowed, 1);
      counted := true;
    end if;
  end if;

  if (claims_allowed.queue).rate_limit is null then
    return;
  end if;
  counted := true;

  if claims_allowed.locking then
    select * into seen from supaqueue.rate_limit
    where rate_limit.name = (claims_allowed.queue).rate_limit
    for no key update skip locked;
    if not found then
      allowed := 0;
      return;
    end if;
  else
    select * into seen from supaqueue.rate_limit where rate_limit.name = (claims_allowed.queue).rate_limit;
  end if;

  since := supaqueue_internal.rate_since(seen, claims_allowed.at);
  allowed := case
    when since > claims_allowed.at then 0
    else least(
      allowed,
      least(floor(extract(epoch from claims_allowed.at - since) * seen.max_rps), 1000000)::integer + 1
    )
  end;
end;
$$;

comment on function supaqueue_internal.claims_allowed(supaqueue.queue, timestamptz, integer, boolean) is 'How many jobs of a queue the circuit of its target and its rate limit let begin at a time.';
