-- queue_enable_notify: have PostgreSQL notify of every document of a queue that stands elsewhere.
--
-- called by  users
-- writes     a trigger on supaqueue.job, of that queue alone
--
-- Listen to fetchq__<queue>__pnd, __pln, __act, __cpl or __kll; what comes is the subject. Queues that do not
-- notify have no trigger, and pay only for the look at those of others. Transactions that notify commit one after
-- the other. A planned document that becomes due is not notified of: nothing happens to it then.
--
-- `success` is false when the queue is not there. Waits up to five seconds for those that are just writing jobs.
-- Security definer: triggers are made by the owner of the table.
--
-- Errors: SQ403 without the rights of service_role, SQ422 when the name of the queue is too long for a channel, SQ423 when jobs stay locked.

create or replace function fetchq.queue_enable_notify(par_queue varchar, out success boolean)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
  target constant uuid := fetchq.queue_of(par_queue);
begin
  perform supaqueue_internal.fetchq_assert_server();
  success := target is not null;
  if not success then
    return;
  end if;
  if octet_length(par_queue) > 50 then
    raise exception using
      errcode = 'SQ422',
      message = format('the name of queue %s is too long for a channel', quote_literal(par_queue)),
      hint = 'A name of at most 50 bytes can be notified of. Nothing was changed.';
  end if;

  perform fetchq.queue_disable_notify(par_queue);
  execute format(
    'create trigger %I after insert or update of status on supaqueue.job for each row when (new.queue = %L::uuid) execute function supaqueue_internal.fetchq_on_document_changed(%L)',
    'fetchq_notify_' || target, target, par_queue
  );
exception when lock_not_available then
  raise exception using
    errcode = 'SQ423',
    message = 'the jobs stay locked by a long transaction',
    hint = 'Nothing was changed. End that transaction, or try again later.';
end;
$$;

comment on function fetchq.queue_enable_notify(varchar) is 'Notifies of every document of a queue that stands elsewhere.';
revoke execute on function fetchq.queue_enable_notify(varchar) from public, anon, authenticated;
grant execute on function fetchq.queue_enable_notify(varchar) to service_role;
