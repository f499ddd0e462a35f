-- adopt: a run takes over current jobs of its queue that no run has.
--
-- called by  supaqueue_turn
-- writes     supaqueue.current_job
--
-- Returns their tokens, at most `most`; of a paused queue only those that were begun
-- despite the pause. Two runs never adopt the same row.

create or replace function supaqueue_internal.adopt(queue supaqueue.queue, most integer, run uuid)
returns setof uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at timestamptz := clock_timestamp();
begin
  return query
  update supaqueue.current_job
  set dispatcher = adopt.run,
      begun_at = at,
      lease_until = at + (
        coalesce((select job.timeout_ms from supaqueue.job where job.id = current_job.job), (adopt.queue).timeout_ms) + 10000
      ) * interval '1 millisecond'
  from (
    select waiting.id
    from supaqueue.current_job as waiting
    where waiting.queue = (adopt.queue).id
      and waiting.dispatcher is null
      and not waiting.is_complete
      and (not (adopt.queue).paused or waiting.despite_pause)
    limit adopt.most
    for update skip locked
  ) as waiting
  where current_job.id = waiting.id
  returning current_job.id;
end;
$$;

comment on function supaqueue_internal.adopt(supaqueue.queue, integer, uuid) is 'A run takes over current jobs that no run has.';
revoke execute on function supaqueue_internal.adopt(supaqueue.queue, integer, uuid) from public, anon, authenticated;
grant execute on function supaqueue_internal.adopt(supaqueue.queue, integer, uuid) to service_role;
