import type { Runs } from '../../../console/answers.ts'
import type { Source } from '../source.ts'

/** Who dispatches: the runs that hold jobs or lead a queue, the processes that stay, what became of the last wake-ups, and the sweep. */
export async function readRuns(source: Source): Promise<Runs> {
  const [row] = await source.read<Runs>(RUNS)
  return row!
}

// A run that holds nothing and leads nothing is not known to the database.
const RUNS = `
  with hand as (
    select current_job.queue, nullif(current_job.dispatcher, current_job.id) as run, count(*) as calls,
      min(current_job.begun_at) as since, min(current_job.lease_until) as lease_until
    from supaqueue.current_job
    group by 1, 2
  ),
  known as (
    select coalesce(hand.queue, heartbeat.queue) as queue, coalesce(hand.run, heartbeat.run) as run,
      coalesce(heartbeat.run is not null, false) as leads, heartbeat.awake_until,
      heartbeat.led_since, heartbeat.turns, coalesce(hand.calls, 0) as calls,
      hand.since, hand.lease_until
    from hand
    full join (select * from supaqueue.heartbeat where heartbeat.run is not null) as heartbeat
      on heartbeat.queue = hand.queue and heartbeat.run = hand.run
  )
  select
    coalesce((
      select jsonb_agg(to_jsonb(one))
      from (
        select queue.name as queue_name, known.run, known.leads, known.awake_until, known.led_since, known.turns, known.calls, known.since, known.lease_until,
          known.leads and known.awake_until < statement_timestamp() as silent
        from known join supaqueue.queue on queue.id = known.queue
        order by known.calls desc, queue.name, known.run
        limit 200
      ) as one
    ), '[]') as runs,
    (select to_jsonb(state) from (
      select dispatch.accepted_at, dispatch.refused_at, dispatch.refused_since, dispatch.refusals, dispatch.status,
        dispatch.code, dispatch.message, dispatch.hint, dispatch.run, dispatch.run_at
      from supaqueue.dispatch
    ) as state) as dispatch,
    (select to_jsonb(last_sweep) - 'only_one' from supaqueue.last_sweep) as sweep,
    coalesce((
      select jsonb_agg(to_jsonb(one) order by one.at desc)
      from (
        select date_trunc('hour', history.at) as at, sum(history.begun) as begun, sum(history.leases_lost) as leases_lost
        from supaqueue.history
        where history.span = 'minute' and history.at > statement_timestamp() - interval '6 hours'
        group by 1
      ) as one
    ), '[]') as hours,
    supaqueue_internal.process_states() as processes`
