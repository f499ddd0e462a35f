-- why_aside: what was set aside of a job, or of its queue.
--
-- reads      supaqueue.trouble; locks nothing
--
-- A list of {code, text, ...}; empty for most.

create or replace function supaqueue_internal.why_aside(job bigint, queue uuid)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'code', 'aside',
    'text', format(
      '%s (%s; tried %s, the next time %s)',
      case trouble.kind
        when 'begin' then 'it could not be begun'
        when 'report' then 'what became of it could not be written down'
        when 'dependencies' then 'its dependencies could not be settled'
        when 'prune' then 'it could not be deleted'
        when 'wake' then 'the sweep could not look at its queue'
        when 'pauses' then 'the pause of its queue could not be ended'
        when 'claim' then 'its queue could not be given work'
        when 'heartbeat' then 'its queue could not be kept awake'
        when 'slow' then 'the sweep does its queue after all others, a row at a time'
        when 'workers' then 'a worker of its queue could not be freed'
        when 'called' then 'that it was called could not be written down'
        else format('the sweep could not do %s', trouble.kind) end,
      trouble.reason,
      case trouble.tries when 1 then 'once' else trouble.tries || ' times' end,
      case when trouble.next_try_at <= clock_timestamp() then 'with the next sweep'
        else 'in ' || supaqueue_internal.say_interval(trouble.next_try_at - clock_timestamp()) end
    ),
    'kind', trouble.kind,
    'sqlstate', trouble.code,
    'reason', trouble.reason,
    'tries', trouble.tries,
    'next_try_at', trouble.next_try_at
  ) order by trouble.kind), '[]')
  from supaqueue.trouble
  where trouble.job = why_aside.job
    or trouble.queue = why_aside.queue and trouble.job is null and trouble.kind in ('wake', 'pauses', 'queues', 'claim', 'heartbeat', 'workers', 'slow')
$$;

comment on function supaqueue_internal.why_aside(bigint, uuid) is 'What was set aside of a job, or of its queue.';
