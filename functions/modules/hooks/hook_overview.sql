-- hook_overview: the hooks that there are, what each has made lately, and what is wrong with it.
--
-- called by  users, the console and the program
-- reads      supaqueue.hook, supaqueue.hook_fault, supaqueue.backfill, supaqueue.job, what hook_gaps reads
--
-- A list by name of {hook, table, queue, events, columns, ignore, when, payload, soft, own_changes, max_depth, ordered,
-- coalesce, delay, max_wait, enabled, off_since, off_reason, since, call, made, waiting, failed, last_at, gaps, faults, lost,
-- backfills}. made, waiting, failed and last_at are of the newest 10,000 jobs of all queues; faults are the latest five.

create or replace function supaqueue.hook_overview()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with lately as (
    select
      job.origin ->> 'hook' as name, count(*) as made, count(*) filter (where job.status in ('held', 'pending')) as waiting,
      count(*) filter (where job.status = 'failed') as failed, max(job.created_at) as last_at
    from (select job.* from supaqueue.job order by job.id desc limit 10000) as job
    where job.origin ? 'hook'
    group by 1
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'hook', hook.name, 'table', format('%I.%I', hook.schema_name, hook.table_name), 'queue', queue.name, 'events', to_jsonb(hook.events),
    'columns', to_jsonb(hook.columns), 'ignore', to_jsonb(hook.ignore), 'when', hook.condition, 'payload', hook.payload, 'soft', hook.soft,
    'own_changes', hook.own_changes, 'max_depth', hook.max_depth, 'ordered', hook.ordered, 'coalesce', hook.coalesces,
    'delay', hook.delay, 'max_wait', hook.max_wait, 'enabled', hook.enabled, 'off_since', hook.off_since, 'off_reason', hook.off_reason,
    'since', hook.created_at, 'call', supaqueue_internal.hook_call(hook),
    'made', coalesce(lately.made, 0), 'waiting', coalesce(lately.waiting, 0), 'failed', coalesce(lately.failed, 0), 'last_at', lately.last_at,
    'gaps', (select coalesce(jsonb_agg(distinct gap.state), '[]') from supaqueue_internal.hook_gaps() as gap where gap.hook = hook.id),
    'faults', (
      select coalesce(jsonb_agg(jsonb_build_object('at', latest.noted_at, 'code', latest.code, 'reason', latest.reason, 'lost', latest.lost) order by latest.id desc), '[]')
      from (select hook_fault.* from supaqueue.hook_fault where hook_fault.hook = hook.id order by hook_fault.id desc limit 5) as latest
    ),
    'lost', (select coalesce(sum(hook_fault.lost), 0) from supaqueue.hook_fault where hook_fault.hook = hook.id),
    'backfills', (
      select coalesce(jsonb_agg(supaqueue.backfill_progress(latest.id) order by latest.id desc), '[]')
      from (select backfill.id from supaqueue.backfill where backfill.hook = hook.id order by backfill.id desc limit 3) as latest
    )
  ) order by hook.name), '[]')
  from supaqueue.hook
  join supaqueue.queue on queue.id = hook.queue
  left join lately on lately.name = hook.name
$$;

comment on function supaqueue.hook_overview() is 'Lists the hooks, what each has made lately, and what is wrong with it.';
