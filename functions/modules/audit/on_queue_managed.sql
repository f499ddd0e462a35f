-- on_queue_managed: a queue was made, changed, paused, resumed or deleted: who did it is written down.
--
-- Security definer: whoever may write this table may not run what writes it down.

create or replace function supaqueue_internal.on_queue_managed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  unseen constant text[] := '{id, created_at}';
  seen record;
begin
  seen := supaqueue_internal.changed_fields(to_jsonb(old) - unseen, to_jsonb(new) - unseen);
  perform supaqueue_internal.note_act(
    case
      when tg_op = 'INSERT' then 'create queue'
      when tg_op = 'DELETE' then 'delete queue'
      when new.paused and (not old.paused or (new.paused_until, new.paused_reason) is distinct from (old.paused_until, old.paused_reason)) then 'pause'
      when old.paused and not new.paused then 'resume'
      else 'change queue' end,
    coalesce(new.id, old.id),
    before => case when tg_op = 'DELETE' then jsonb_build_object('name', old.name) else seen.before end,
    after => case when tg_op = 'INSERT' then jsonb_strip_nulls(jsonb_build_object(
      'name', new.name, 'edge_function_name', new.edge_function_name, 'url', supaqueue_internal.without_secrets('url', to_jsonb(new.url))
    )) else seen.after end
  );
  return null;
end;
$$;

comment on function supaqueue_internal.on_queue_managed() is 'A queue was made, changed, paused, resumed or deleted: writes down who did it.';

drop trigger if exists on_queue_managed on supaqueue.queue;
create trigger on_queue_managed
  after insert or update or delete on supaqueue.queue
  for each row
  execute function supaqueue_internal.on_queue_managed();
