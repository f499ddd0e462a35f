-- lock_call: one after another, whoever ends a job of a batch by its token.
--
-- expects    that its caller has locked nothing yet
-- locks      supaqueue.worker, until the end of the transaction
--
-- In place of the core's default.
-- The jobs of a batch share a worker, and report passes over what somebody else holds: of a function that ends twenty of
-- them at once all but one would be refused. Waits half a second for another's transaction, and for
-- nobody where the job has a call of its own. After that the caller is refused as ever.

create or replace function supaqueue_internal.lock_call(token uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
declare
  held uuid;
begin
  select current_job.worker into held
  from supaqueue.current_job
  where current_job.id = lock_call.token and current_job.call_size > 1;
  if held is not null then
    perform from supaqueue.worker where worker.id = held for no key update;
  end if;
exception when lock_not_available then
  null;
end;
$$;

comment on function supaqueue_internal.lock_call(uuid) is 'Has whoever ends jobs of one batch by their tokens do so one after another.';
