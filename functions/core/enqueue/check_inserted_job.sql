-- check_inserted_job: a job that is about to be inserted gets what it lacks, and is refused where it cannot be used.
--
-- Nulls take the defaults of their columns (with_defaults), and only a pairing with a worker sets
-- a job in progress. finished_at says when it ended, if it is inserted as one that has. Keys, payload
-- and what it has in place of its queue's must be usable. An id that is still to come would
-- stop whoever gets it by turn.
--
-- One trigger without a condition: PostgreSQL copies and reads the conditions of all
-- triggers of a table for every statement, which costs more than to ask in here. What most
-- jobs do not have is asked in few expressions; the path is that of json_fault. What was checked before (vouch) is not
-- looked at again.
-- Security definer: whoever may enqueue may not read the queue.

create or replace function supaqueue_internal.check_inserted_job()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if (case when current_setting('supaqueue.vouched', true) <> '' then current_setting('supaqueue.vouched', true) = currval('supaqueue_internal.vouched')::text end) then
    return new;
  end if;

  if num_nulls(
    new.status, new.payload, new.priority, new.run_at, new.created_at, new.updated_at, new.attempts, new.deferrals,
    new.lost_claims, new.repeats, new.waits_for, new.has_targets, new.dedupe_pruned
  ) > 0 then
    new := supaqueue_internal.with_defaults(new);
  end if;

  if new.payload @@ 'strict exists($.**{501}) || exists($.** ? (@.type() == "number" && (@ > 1.8e308 || @ < -1.8e308 || 1 - (@ * 0 + 1) / 3 * 3 < 1e-341)))' is distinct from false then
    perform supaqueue_internal.assert_payload(queue, new.payload) from supaqueue.queue where queue.id = new.queue;
  elsif pg_column_size(new.payload) > 1000 then
    perform supaqueue_internal.assert_payload(queue, new.payload) from supaqueue.queue
    where queue.id = new.queue and supaqueue_internal.bytes_over(new.payload, queue.payload_max_bytes) is not null;
  end if;

  if new.id > coalesce(pg_sequence_last_value('supaqueue.job_id_seq'), 0) then
    raise exception using
      errcode = 'SQ422',
      constraint = 'job_id_is_from_its_sequence',
      message = format('the id %s is not from the sequence of jobs', new.id),
      hint = 'Leave the id out. To bring jobs along with theirs, set session_replication_role to replica, and the sequence to the last of them. Nothing was changed.';
  end if;

  -- As assert_origin asks. To call it costs more.
  if jsonb_typeof(new.origin) <> 'object' or pg_column_size(new.origin) > 8000 or new.origin @? 'strict $.* ? (@.type() != "string")' then
    perform supaqueue_internal.assert_origin(new.origin);
  end if;

  if num_nonnulls(
    new.url, new.method, new.headers, new.query, new.timeout_ms, new.max_attempts, new.retry_base_ms, new.retry_max_ms
  ) > 0 then
    perform supaqueue_internal.assert_overrides(new);
  end if;

  if num_nonnulls(new.finished_at, new.dedupe_key) = 0 and new.status = 'pending' and coalesce(octet_length(new.concurrency_key), 0) <= 1000 then
    return new;
  end if;

  if new.status = 'in_progress' then
    raise exception using
      errcode = 'SQ409',
      message = 'only a worker sets a job in progress',
      hint = 'Write the status pending: a free worker of the queue takes the job. Nothing was changed.';
  end if;

  new.finished_at := case
    when new.status in ('success', 'failed', 'cancelled') then coalesce(new.finished_at, clock_timestamp())
  end;

  if num_nonnulls(new.dedupe_key, new.concurrency_key) > 0 then
    new := supaqueue_internal.check_keys(new);
  end if;
  return new;
end;
$$;

comment on function supaqueue_internal.check_inserted_job() is 'Gives nulls the defaults of their columns, and refuses what an inserted job cannot have.';

drop trigger if exists on_job_inserted on supaqueue.job;
create trigger on_job_inserted
  before insert on supaqueue.job
  for each row
  execute function supaqueue_internal.check_inserted_job();
