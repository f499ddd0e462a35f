-- on_job_inserted: what is special about a job that is inserted.
--
-- A null status is read as held, and only a pairing with a worker sets a job in
-- progress. finished_at says when it ended, if it is inserted as one that has. Keys and
-- what it has in place of its queue's must be usable.
--
-- One trigger with a short condition, which most jobs do not meet: PostgreSQL copies and
-- reads the conditions of all triggers of a table for every statement.
-- Security definer: whoever may enqueue may not read the queue.

create or replace function supaqueue_internal.on_job_inserted()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if new.status = 'in_progress' then
    raise exception using
      errcode = 'SQ409',
      message = 'only a worker sets a job in progress',
      hint = 'Write the status pending: a free worker of the queue takes the job. Nothing was changed.';
  end if;

  new.status := coalesce(new.status, 'held');
  new.finished_at := case
    when new.status in ('success', 'failed', 'cancelled') then coalesce(new.finished_at, clock_timestamp())
  end;

  if num_nonnulls(new.dedupe_key, new.concurrency_key) > 0 then
    new := supaqueue_internal.keep_keys(new);
  end if;

  perform supaqueue_internal.assert_overrides(new);
  return new;
end;
$$;

comment on function supaqueue_internal.on_job_inserted() is 'Reads a null status as held, and refuses what an inserted job cannot have.';
revoke execute on function supaqueue_internal.on_job_inserted() from public, anon, authenticated;

drop trigger if exists on_job_inserted on supaqueue.job;
create trigger on_job_inserted
  before insert on supaqueue.job
  for each row
  when (
    new.status is distinct from 'pending'
    or num_nonnulls(
      new.finished_at, new.dedupe_key, new.concurrency_key, new.url, new.method, new.headers, new.query,
      new.timeout_ms, new.max_attempts, new.retry_base_ms, new.retry_max_ms
    ) > 0
  )
  execute function supaqueue_internal.on_job_inserted();
