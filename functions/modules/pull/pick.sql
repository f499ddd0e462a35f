-- pick: a consumer takes jobs of a queue that is pulled from.
--
-- called by  consumers outside edge functions
-- writes     what pair writes and note_counts
--
-- `queue` is a name or an id. At most `most` jobs, in the order in which they would
-- be called; only those of one `version`, if given. Each takes a worker, so that as
-- many are out at once as the queue has workers; in a queue with batches, as many as
-- a batch has share one. Whoever picked has until `lock_duration` is over to end each
-- by its token (finish), or to extend it; afterwards the sweep counts the attempt as
-- lost. None while the queue is paused.
-- An array, because the Data API cuts a set at 1,000 rows, whose tokens would be lost.
-- Errors: SQ404, SQ409 for a queue that is called, SQ422.

create or replace function supaqueue.pick(
  queue text, version integer default null, most integer default 1, lock_duration interval default '1 minute'
)
returns supaqueue.picked_job[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(pick.queue);
  called supaqueue.queue := target;
  given uuid[];
  taken uuid[] := '{}';
  checked record;
  picked supaqueue.picked_job[];
begin
  if target.mode <> 'pull' then
    raise exception using
      errcode = 'SQ409',
      message = format('queue %s is not pulled from: supaqueue calls its target', quote_literal(target.name)),
      hint = 'To pull from it: update supaqueue.queue set mode = ''pull'' where id = ...';
  end if;
  if not coalesce(pick.most > 0 and pick.lock_duration between interval '1 millisecond' and interval '1 day', false) then
    raise exception using
      errcode = 'SQ422',
      message = 'pick takes 1 job or more, for a millisecond to a day',
      hint = 'lock_duration is an interval, such as ''5 minutes''; extend(token) makes it longer.';
  end if;
  if target.paused then
    return '{}';
  end if;

  -- claim counts calls, each of as many jobs as a batch has. Of jobs that a consumer did not ask for the leases would run
  -- out: what does not fill a batch is a smaller call.
  loop
    called.batch_size := least(target.batch_size, pick.most - cardinality(taken));
    given := array(
      select pairing.token
      from supaqueue_internal.claim(
        called, (pick.most - cardinality(taken)) / called.batch_size, gen_random_uuid(), mode => 'pull', version => pick.version
      ) as pairing
    );
    taken := taken || given;
    exit when target.batch_size = 1 or given = '{}' or cardinality(taken) >= pick.most;
  end loop;
  if taken <> '{}' then
    perform supaqueue_internal.note_counts(target.id, begun => cardinality(taken));
  end if;
  checked := supaqueue_internal.fail_unfit(target.id, taken);
  if cardinality(checked.freed) > 0 then
    update supaqueue.worker set locked = false where worker.id = any (checked.freed);
  end if;
  taken := checked.fit;
  with held as (
    -- Of no run, and for as long as was asked: as a function that reports later.
    update supaqueue.current_job
    set dispatcher = current_job.id, called = true, lease_until = clock_timestamp() + pick.lock_duration
    where current_job.id = any (taken)
    returning current_job.id, current_job.job, current_job.lease_until
  )
  select coalesce(array_agg(row(
    held.id, job.id, job.payload, job.attempts, job.version, job.priority, coalesce(job.dedupe_key, job.begun_key),
    job.state, job.created_at, job.run_at, held.lease_until
  )::supaqueue.picked_job order by job.priority desc, job.run_at, job.id), '{}')
  into picked
  from held
  join supaqueue.job on job.id = held.job;
  return picked;
end;
$$;

comment on function supaqueue.pick(text, integer, integer, interval) is 'Takes jobs of a queue in pull mode.';
