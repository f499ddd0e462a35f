-- queue_set_logs_retention: for how long what went wrong with documents is remembered.
--
-- called by  users
-- writes     supaqueue.fetchq_option
--
-- An interval, such as 24h; null keeps them as long as their documents. mnt_run_all and
-- queue_drop_logs delete what is older. Returns 0 when the queue is not there.
--
-- Errors: SQ422 for what is not an interval.

create or replace function fetchq.queue_set_logs_retention(par_queue varchar, par_retention varchar, out affected_rows integer)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  retention interval;
begin
  begin
    retention := par_retention::interval;
  exception when assert_failure or others then
    raise exception using
      errcode = 'SQ422',
      message = format('%s is not an interval', quote_nullable(par_retention)),
      hint = 'Nothing was changed. Write one as 24h or 7 days.';
  end;

  insert into supaqueue.fetchq_option (queue, logs_retention)
  select target.id, retention from fetchq.queue_of(par_queue) as target (id) where target.id is not null
  on conflict (queue) do update set logs_retention = excluded.logs_retention;
  get diagnostics affected_rows := row_count;
end;
$$;

comment on function fetchq.queue_set_logs_retention(varchar, varchar) is 'For how long what went wrong with documents of a queue is remembered.';
revoke execute on function fetchq.queue_set_logs_retention(varchar, varchar) from public, anon, authenticated;
grant execute on function fetchq.queue_set_logs_retention(varchar, varchar) to service_role;
