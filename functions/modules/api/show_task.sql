-- show_task: a task of the HTTP API, and how its messages have fared.
--
-- reads      supaqueue.batch, supaqueue.job
--
-- Returns {task_id, statuses}, a status for each payload in the order of the payloads. Of a
-- message that was reprocessed its copy is shown. In progress and held are shown as pending,
-- cancelled as failed. `attempt` counts retries. By index, whatever the statistics say.
-- Error: SQ404.

create or replace function supaqueue_internal.show_task(task uuid)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  target supaqueue.batch;
  task_type text;
begin
  select * into target from supaqueue.batch where batch.id = show_task.task;
  if target.id is null then
    raise exception using
      errcode = 'SQ404',
      message = format('there is no task %s', coalesce(show_task.task::text, 'null')),
      hint = 'It was never there, or was pruned with the last of its messages: keep_success and keep_failed of its queue say when.';
  end if;
  task_type := (select queue.name from supaqueue.queue where queue.id = target.queue);

  return jsonb_build_object('task_id', target.id, 'statuses', coalesce((
    select jsonb_agg(jsonb_build_object(
      'message_id', job.id,
      'item_id', coalesce(target.label, ''),
      'task_type', task_type,
      'payload', supaqueue_internal.shown(job.payload),
      'status', case
        when job.status in ('success', 'failed') then job.status::text
        when job.status = 'cancelled' then 'failed'
        else 'pending'
      end,
      'error', case
        when job.status = 'success' then ''
        when job.error ~ '^no answer within \d+ ms' then 'timeout'
        else coalesce(job.error, case job.status when 'cancelled' then 'cancelled' when 'failed' then 'failed' else '' end)
      end,
      'attempt', greatest(job.attempts - 1, 0),
      'updated_at', job.updated_at,
      'payload_id', coalesce(job.batch_index, 0)
    ) order by job.batch_index, job.id)
    from supaqueue.job
    where job.batch = target.id
      and not exists (select from supaqueue.job as copy where copy.retry_of = job.id)
  ), '[]'));
end;
$$;

comment on function supaqueue_internal.show_task(uuid) is 'A task of the HTTP API, and what became of its messages.';
