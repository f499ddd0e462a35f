-- process_states: the processes that serve queues: which live, since when, and which queues each leads.
--
-- called by  the console
-- reads      supaqueue.process, supaqueue.heartbeat, supaqueue.queue; locks nothing
--
-- A list of {id, name, begun_at, heard_until, alive, queues, functions, leads, leading, missed}, those that live first, at
-- most two hundred. `queues` is what it serves, null for all; `functions` whether it may call edge functions.
-- `leads` is how many queues it leads now, `leading` the first hundred of their names. One that stopped is not there.
-- One that was not heard of for the time of its lease died, or lost its connection. It is `missed` unless another that
-- lives serves at least as much: then somebody has started that in its place.
--
-- The ids of its runs begin as its own does: scripts/work/serve.ts.

create or replace function supaqueue_internal.process_states()
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
begin
  return (
    with known as materialized (
      select process.*, process.lease_until between at and at + interval '1 minute' as alive
      from supaqueue.process
      order by process.lease_until desc
      limit 200
    ),
    led as materialized (
      select left(heartbeat.run::text, 13) as begins, queue.name
      from supaqueue.heartbeat
      join supaqueue.queue on queue.id = heartbeat.queue
      where heartbeat.run is not null and heartbeat.awake_until > at and exists (select from known)
    )
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', known.id, 'name', known.name, 'begun_at', known.begun_at, 'heard_until', known.lease_until, 'alive', known.alive,
      'queues', known.queues, 'functions', known.functions,
      'leads', leads.count, 'leading', leads.names,
      'missed', not known.alive and not exists (
        select from known as other
        where other.alive and (other.functions or not known.functions)
          and (other.queues is null or known.queues <@ other.queues)
      )
    ) order by known.alive desc, known.begun_at, known.id), '[]')
    from known
    cross join lateral (
      select count(*) as count, coalesce((array_agg(led.name order by led.name))[:100], '{}') as names
      from led
      where led.begins = left(known.id::text, 13)
    ) as leads
  );
end;
$$;

comment on function supaqueue_internal.process_states() is 'The processes that serve queues: which live, since when, and which queues each leads.';
