-- call_timeout_ms: how long the call that brings a current job may take, in milliseconds.
--
-- reads      supaqueue.job, supaqueue.current_job
--
-- The timeout of its job, or else of its queue; of a batch the longest of all its jobs.

create or replace function supaqueue_internal.call_timeout_ms(held supaqueue.current_job, queue supaqueue.queue)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
  if held.call_size = 1 then
    return coalesce((select job.timeout_ms from supaqueue.job where job.id = held.job), (call_timeout_ms.queue).timeout_ms);
  end if;
  return (
    select max(coalesce(job.timeout_ms, (call_timeout_ms.queue).timeout_ms))
    from supaqueue.current_job
    join supaqueue.job on job.id = current_job.job
    where current_job.call = held.call
  );
end;
$$;

comment on function supaqueue_internal.call_timeout_ms(supaqueue.current_job, supaqueue.queue) is 'How long the call that brings a current job may take.';
