-- needs_run: a queue has work and free workers, and no run is there or awaited.

create or replace function supaqueue_internal.needs_run(queue supaqueue.queue)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return not exists (
      select
      from supaqueue.heartbeat
      where heartbeat.queue = (needs_run.queue).id
        and heartbeat.run is not null
        and heartbeat.awake_until > clock_timestamp()
        -- A clock that was set back leaves a heartbeat in the far future: of a run that may have died.
        and heartbeat.awake_until < clock_timestamp() + interval '1 minute'
    )
    and (
      exists (
        select from supaqueue.current_job
        where current_job.queue = (needs_run.queue).id
          and current_job.dispatcher is null
          and (not (needs_run.queue).paused or current_job.despite_pause)
      )
      or not (needs_run.queue).paused
      and exists (select from supaqueue.worker where worker.queue = (needs_run.queue).id and not worker.locked)
      and supaqueue_internal.count_due((needs_run.queue).id, supaqueue_internal.next_look((needs_run.queue).id)) > 0
    );
end;
$$;

comment on function supaqueue_internal.needs_run(supaqueue.queue) is 'A queue has work and free workers, and no run is there.';
