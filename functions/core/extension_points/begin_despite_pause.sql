-- begin_despite_pause: a pending job of a paused queue gets a worker, and a run is called for it.
--
-- expects    that its caller has locked the job
--
-- No: in the core a paused queue begins nothing. Then the job is due, and begins when the queue is resumed.

create or replace function supaqueue_internal.begin_despite_pause(target supaqueue.job, home supaqueue.queue)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return false;
end;
$$;

comment on function supaqueue_internal.begin_despite_pause(supaqueue.job, supaqueue.queue) is 'Begins a job of a paused queue, if nothing but the pause is in the way. Returns whether it did.';
