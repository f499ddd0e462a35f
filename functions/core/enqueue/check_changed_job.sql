-- check_changed_job: a job that is about to get another queue or key, or something of its own in place of its
-- queue's, after it was inserted, is refused where it could not be used.
--
-- A job in progress stays in its queue: otherwise it would hold a worker of the wrong one.
-- Keys fit into their indexes, and the dedupe_key stays taken for as long as its queue
-- says. What a job has of its own must be usable, in the queue where it is now, and a new
-- payload is one that the queue takes.
-- Security definer: whoever may write jobs may not read the queue.

create or replace function supaqueue_internal.check_changed_job()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if old.status = 'in_progress' and new.queue <> old.queue then
    raise exception using
      errcode = 'SQ409',
      message = format('job %s is in progress and cannot move to another queue', old.id),
      hint = 'To take a job in progress back, set it to held or cancelled first. Nothing was changed.';
  end if;
  if (new.queue, new.dedupe_key, new.concurrency_key) is distinct from (old.queue, old.dedupe_key, old.concurrency_key) then
    new := supaqueue_internal.check_keys(new);
  end if;
  if new.payload is distinct from old.payload then
    perform supaqueue_internal.assert_payload(queue, new.payload) from supaqueue.queue where queue.id = new.queue;
  end if;
  if new.origin is distinct from old.origin and new.origin is not null then
    perform supaqueue_internal.assert_origin(new.origin);
  end if;
  -- What was usable and is not any more, since its queue has changed, is the dispatcher's to refuse.
  if (
    new.queue, new.url, new.method, new.headers, new.query,
    new.timeout_ms, new.max_attempts, new.retry_base_ms, new.retry_max_ms
  ) is distinct from (
    old.queue, old.url, old.method, old.headers, old.query,
    old.timeout_ms, old.max_attempts, old.retry_base_ms, old.retry_max_ms
  ) then
    perform supaqueue_internal.assert_overrides(new);
  end if;
  return new;
end;
$$;

comment on function supaqueue_internal.check_changed_job() is 'Refuses what a job cannot have, and to move one in progress to another queue.';

drop trigger if exists on_job_changed on supaqueue.job;
create trigger on_job_changed
  before update of
    queue, payload, origin, dedupe_key, concurrency_key,
    url, method, headers, query, timeout_ms, max_attempts, retry_base_ms, retry_max_ms
  on supaqueue.job
  for each row
  execute function supaqueue_internal.check_changed_job();
