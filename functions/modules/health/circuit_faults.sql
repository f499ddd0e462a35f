-- circuit_faults: targets that take no calls, and what to do about each.
--
-- reads      supaqueue.circuit, supaqueue.queue; locks nothing
--
-- A list of findings, at most a hundred, of one target or of all. A circuit counts as open from its first opening
-- until a call gets through, also while it is time to try again and nobody has. `queue` is one of those that call it.

create or replace function supaqueue_internal.circuit_faults(target text default null)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(
    supaqueue_internal.finding(
      'circuit_open',
      'warning',
      format(
        'calls of the %s are held back: %s in a row were deferred%s; %s',
        open.target,
        open.failures,
        coalesce(' (' || open.reason || ')', ''),
        case when open.open_until > clock_timestamp()
          then format('next try in %s', supaqueue_internal.say_interval(open.open_until - clock_timestamp()))
          else 'next try with the next job that is due' end
      ),
      case
        when open.reason ~ 'NOT_FOUND|404' and open.target like 'function %'
          then format('supabase functions deploy %s', substr(open.target, 10))
        when caller.name is not null then format('select supaqueue.try_target(%L);', caller.name)
        else 'update supaqueue.circuit set open_until = clock_timestamp() where open_until is not null;' end,
      open.opened_at,
      caller.name
    ) || jsonb_build_object('target', open.target)
    order by open.target
  ), '[]')
  from (
    select circuit.*
    from supaqueue.circuit
    where circuit.open_until is not null
      and (circuit_faults.target is null or circuit.target = circuit_faults.target)
    limit 100
  ) as open
  left join lateral (
    select min(queue.name) as name
    from supaqueue.queue
    where supaqueue_internal.target_of(queue) = open.target
  ) as caller on true
$$;

comment on function supaqueue_internal.circuit_faults(text) is 'Targets that take no calls, and what to do about each.';
