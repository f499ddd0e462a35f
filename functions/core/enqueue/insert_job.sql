-- insert_job: insert a job, or settle with the one that has its dedupe_key.
--
-- writes     supaqueue.job, and what note_counts writes
--
-- on_conflict  what happens when the key is taken
-- error        SQ409, which names the job that has it
-- skip         nothing: returns the id of the job that has it, and not enqueued
-- replace      that job becomes this one, as if it were enqueued now, and keeps its id;
--              held it stays held, finished it runs again, in progress is an error
--
-- While somebody else's transaction has just inserted the same key, this waits for
-- that transaction to end, as for every unique key: nobody can know before whether
-- the key is taken. `guarded` is for itself.

create or replace function supaqueue_internal.insert_job(
  wanted supaqueue.job, on_conflict text, guarded boolean default false, out id bigint, out enqueued boolean
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  holder supaqueue.job;
begin
  -- An older snapshot does not show who has just taken the key.
  if insert_job.wanted.dedupe_key is not null and not insert_job.guarded
    and current_setting('transaction_isolation') in ('repeatable read', 'serializable')
  then
    begin
      select settled.id, settled.enqueued into insert_job.id, insert_job.enqueued
      from supaqueue_internal.insert_job(insert_job.wanted, insert_job.on_conflict, guarded => true) as settled;
      return;
    exception when transaction_rollback then
      raise exception using
        errcode = 'SQ409',
        message = format(
          'the dedupe_key %s was written by another transaction since this one began',
          quote_literal(insert_job.wanted.dedupe_key)
        ),
        hint = 'Nothing was changed. Try again in a new transaction, or enqueue under read committed.';
    end;
  end if;

  -- More than once only when the job that has the key ends just then.
  for attempt in 1 .. 10 loop
    insert into supaqueue.job (
      queue, payload, status, priority, run_at, url, method, headers, query, timeout_ms, max_attempts,
      retry_base_ms, retry_max_ms, dedupe_key, version, concurrency_key, batch, batch_index, owner
    )
    values (
      wanted.queue, coalesce(wanted.payload, '{}'), coalesce(wanted.status, 'pending'), coalesce(wanted.priority, 0),
      coalesce(wanted.run_at, now()), wanted.url, wanted.method, wanted.headers, wanted.query, wanted.timeout_ms,
      wanted.max_attempts, wanted.retry_base_ms, wanted.retry_max_ms, wanted.dedupe_key, wanted.version,
      wanted.concurrency_key, wanted.batch, wanted.batch_index, wanted.owner
    )
    on conflict do nothing
    returning job.id into insert_job.id;
    if insert_job.id is not null then
      insert_job.enqueued := true;
      return;
    end if;

    holder := supaqueue_internal.job_with_key(wanted.queue, wanted.dedupe_key);
    continue when holder.id is null;

    if insert_job.on_conflict = 'skip' then
      perform supaqueue_internal.note_counts(wanted.queue, duplicates => 1);
      insert_job.id := holder.id;
      insert_job.enqueued := false;
      return;
    end if;

    if insert_job.on_conflict = 'replace' and holder.status <> 'in_progress' then
      update supaqueue.job
      set
        payload = coalesce(wanted.payload, '{}'),
        status = case
          when wanted.status = 'held' or job.status = 'held' then 'held'::supaqueue.job_status
          else 'pending'
        end,
        priority = coalesce(wanted.priority, 0),
        run_at = coalesce(wanted.run_at, now()),
        attempts = 0, deferrals = 0, deferred_since = null, lost_claims = 0, repeats = 0, batch_limit = null, result = null, error = null, state = null,
        progress_percent = null, progress_note = null,
        url = wanted.url, method = wanted.method, headers = wanted.headers, query = wanted.query,
        timeout_ms = wanted.timeout_ms, max_attempts = wanted.max_attempts,
        retry_base_ms = wanted.retry_base_ms, retry_max_ms = wanted.retry_max_ms,
        version = wanted.version, concurrency_key = wanted.concurrency_key,
        batch = coalesce(wanted.batch, job.batch),
        batch_index = case when wanted.batch is null then job.batch_index else wanted.batch_index end
      where job.id = holder.id
        and job.status <> 'in_progress'
        and (job.status in ('held', 'pending') or job.dedupe_pruned)
      returning job.id into insert_job.id;
      if insert_job.id is not null then
        insert_job.enqueued := true;
        return;
      end if;
      continue;
    end if;

    exit;
  end loop;

  raise exception using
    errcode = 'SQ409',
    message = format(
      'the dedupe_key %s is taken%s', quote_literal(insert_job.wanted.dedupe_key),
      ' by job ' || holder.id || ', which is ' || replace(holder.status::text, '_', ' ')
    ),
    hint = 'Nothing was changed. ' || case when insert_job.on_conflict = 'replace'
      then 'A job in progress is not replaced: wait until it has ended, or cancel it.'
      else 'on_conflict => ''skip'' is content with that job, ''replace'' writes over it.'
    end;
end;
$$;

comment on function supaqueue_internal.insert_job(supaqueue.job, text, boolean) is 'Inserts a job, or settles with the one that has its dedupe_key.';
