-- is_forsaken: a queue has work and free workers, and no run is there or awaited.
--
-- called by  supaqueue_turn, sweep

create or replace function supaqueue_internal.is_forsaken(queue supaqueue.queue)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return not exists (
      select
      from supaqueue.pulse
      where pulse.queue = (is_forsaken.queue).id
        and pulse.run is not null
        and pulse.awake_until > clock_timestamp()
        -- A clock that was set back leaves a pulse in the far future: of a run that may have died.
        and pulse.awake_until < clock_timestamp() + interval '1 minute'
    )
    and (
      exists (
        select from supaqueue.current_job
        where current_job.queue = (is_forsaken.queue).id
          and current_job.dispatcher is null
          and (not (is_forsaken.queue).paused or current_job.despite_pause)
      )
      or not (is_forsaken.queue).paused
      and exists (select from supaqueue.worker where worker.queue = (is_forsaken.queue).id and not worker.locked)
      and supaqueue_internal.count_due((is_forsaken.queue).id, clock_timestamp() + interval '10 seconds') > 0
    );
end;
$$;

comment on function supaqueue_internal.is_forsaken(supaqueue.queue) is 'A queue has work and free workers, and no run is there.';
revoke execute on function supaqueue_internal.is_forsaken(supaqueue.queue) from public, anon, authenticated;
grant execute on function supaqueue_internal.is_forsaken(supaqueue.queue) to service_role;
