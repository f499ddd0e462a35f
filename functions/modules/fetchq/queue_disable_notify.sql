-- queue_disable_notify: no longer notify of the documents of a queue.
--
-- called by  users
-- writes     the trigger that queue_enable_notify made
--
-- Those of queues that are gone go with it. `success` is false when the queue is not there.
-- Security definer: triggers are dropped by the owner of the table.
--
-- Errors: SQ403 without the rights of service_role, SQ423 when jobs stay locked for five seconds.

create or replace function fetchq.queue_disable_notify(par_queue varchar, out success boolean)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
  target constant uuid := fetchq.queue_of(par_queue);
  spare name;
begin
  perform supaqueue_internal.fetchq_assert_server();
  success := target is not null;
  for spare in
    select tgname from pg_catalog.pg_trigger
    where tgrelid = 'supaqueue.job'::regclass and tgfoid = 'supaqueue_internal.fetchq_on_document_changed()'::regprocedure
      and (
        tgname = 'fetchq_notify_' || target
        or not exists (select from supaqueue.queue where tgname = 'fetchq_notify_' || queue.id)
      )
  loop
    execute format('drop trigger %I on supaqueue.job', spare);
  end loop;
exception when lock_not_available then
  raise exception using
    errcode = 'SQ423',
    message = 'the jobs stay locked by a long transaction',
    hint = 'Nothing was changed. End that transaction, or try again later.';
end;
$$;

comment on function fetchq.queue_disable_notify(varchar) is 'Does not notify of the documents of a queue any longer.';
revoke execute on function fetchq.queue_disable_notify(varchar) from public, anon, authenticated;
grant execute on function fetchq.queue_disable_notify(varchar) to service_role;
