-- count_due: how many calls of a queue are due at a time, counted up to `most`: its jobs, or its batches.
--
-- reads      supaqueue.queue, supaqueue.job, and what claims_allowed reads; locks nothing
--
-- Due is what the dispatcher may begin: no more than the limits of the queue allow, no batch that still fills, and nothing of a queue
-- that is pulled from.

create or replace function supaqueue_internal.count_due(queue uuid, at timestamptz, most integer default 1)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target supaqueue.queue;
  allowed integer;
begin
  select * into target from supaqueue.queue where queue.id = count_due.queue;
  if target.mode <> 'push' then
    return 0;
  end if;
  allowed := (supaqueue_internal.claims_allowed(target, count_due.at, count_due.most)).allowed;
  if target.batch_size > 1 and allowed > 0 then
    return coalesce((
      select max(due.call)
      from supaqueue_internal.due_calls(
        target, count_due.at, allowed, least(allowed * target.batch_size::bigint, 1000000)::integer, per_key => target.per_key
      ) as due
    ), 0);
  end if;
  return case
    when allowed > 0 then
      cardinality(supaqueue_internal.due_jobs(count_due.queue, count_due.at, allowed, per_key => target.per_key))
    else 0
  end;
end;
$$;

comment on function supaqueue_internal.count_due(uuid, timestamptz, integer) is 'How many calls of a queue are due at a time, counted up to a limit.';
