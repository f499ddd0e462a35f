-- reprocess_tasks: the failed messages of a task type, or of a task, are enqueued anew.
--
-- writes     supaqueue.job, by reprocess
--
-- `request` has task_type, task_id, or both: then both must hold. At most a thousand at a
-- time. Returns {reprocessed_count, message_ids}: the ids are new ones.
-- Error: SQ404 no such task type or task.

create or replace function supaqueue_internal.reprocess_tasks(request jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  made bigint[];
begin
  if request ->> 'task_id' is not null then
    perform supaqueue_internal.show_task((request ->> 'task_id')::uuid);
  end if;
  made := array(
    select copy.id
    from unnest(supaqueue.reprocess(queue => request ->> 'task_type', batch => (request ->> 'task_id')::uuid)) as copy (id)
    order by copy.id
  );
  return jsonb_build_object('reprocessed_count', cardinality(made), 'message_ids', to_jsonb(made));
end;
$$;

comment on function supaqueue_internal.reprocess_tasks(jsonb) is 'Enqueues failed messages of a task type or a task again. Returns their new ids.';
