-- end_document: an active document ends, by its queue and subject.
--
-- writes     what supaqueue.finish writes; supaqueue.job
--
-- `outcome` is one of supaqueue.finish. Returns how many were ended: 0 when
-- it is not active, or the queue is not there. What fetchq counts per document is kept
-- in the state of its job: iterations, last_iteration.
--
-- Waits for whoever deletes the queue.
--
-- Errors: SQ409 when another transaction holds the document.

create or replace function fetchq.end_document(
  par_queue varchar,
  par_subject varchar,
  outcome text,
  par_payload jsonb default null,
  message text default null,
  at timestamptz default null
)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target bigint;
  token uuid;
  kept jsonb;
begin
  -- Its job is written twice, which asks for the queue: before anything is held, as whoever deletes it waits for the job.
  perform from supaqueue.queue where queue.id = fetchq.queue_of(par_queue) for key share;
  select job.id, current_job.id, job.state into target, token, kept
  from supaqueue.job
  join supaqueue.current_job on current_job.job = job.id
  where job.queue = fetchq.queue_of(par_queue)
    and job.status = 'in_progress'
    and job.dedupe_key = par_subject;
  if token is null then
    return 0;
  end if;

  begin
    perform supaqueue.finish(token, end_document.outcome, message => end_document.message, at => end_document.at);
  exception when sqlstate 'SQ404' then
    -- Somebody else was faster.
    return 0;
  end;

  update supaqueue.job
  set
    payload = coalesce(par_payload, job.payload),
    attempts = case when end_document.outcome in ('complete', 'kill') then 0 else job.attempts end,
    state = jsonb_build_object(
      'iterations', coalesce((kept ->> 'iterations')::bigint, 0) + 1,
      'last_iteration', clock_timestamp()
    )
  where job.id = target;
  return 1;
end;
$$;

comment on function fetchq.end_document(varchar, varchar, text, jsonb, text, timestamptz) is 'Ends an active document, by its queue and subject. Returns how many.';
revoke execute on function fetchq.end_document(varchar, varchar, text, jsonb, text, timestamptz) from public, anon, authenticated;
grant execute on function fetchq.end_document(varchar, varchar, text, jsonb, text, timestamptz) to service_role;
