-- metric_snap: write the numbers of a queue down as they are now.
--
-- called by  users
-- reads      what metric_get reads
-- writes     supaqueue.fetchq_snapshot
--
-- All of them, one, or those of a list (a JSON array). `inserts` is how many; `success` is false, and
-- nothing is written, when the queue is not there. Snapshots go with their queue.

create or replace function fetchq.metric_snap(par_queue varchar, par_whitelist jsonb, out success boolean, out inserts integer)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant uuid := fetchq.queue_of(par_queue);
begin
  if par_whitelist is not null and jsonb_typeof(par_whitelist) <> 'array' then
    raise exception using
      errcode = 'SQ422',
      message = 'metric_snap takes a list of metrics',
      hint = 'Write it as a JSON array: ["cpl", "kll"]. Nothing was written down.';
  end if;
  insert into supaqueue.fetchq_snapshot (queue, metric, value)
  select target, counted.metric, counted.current_value
  from fetchq.metric_get(par_queue) as counted
  where par_whitelist is null or par_whitelist ? counted.metric;
  get diagnostics inserts := row_count;
  success := target is not null;
end;
$$;

comment on function fetchq.metric_snap(varchar, jsonb) is 'Writes down some numbers of a queue as they are now.';
revoke execute on function fetchq.metric_snap(varchar, jsonb) from public, anon, authenticated;
grant execute on function fetchq.metric_snap(varchar, jsonb) to service_role;

create or replace function fetchq.metric_snap(par_queue varchar, par_metric varchar, out success boolean, out inserts integer)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select * from fetchq.metric_snap(par_queue, jsonb_build_array(par_metric))
$$;

comment on function fetchq.metric_snap(varchar, varchar) is 'Writes down one number of a queue as it is now.';
revoke execute on function fetchq.metric_snap(varchar, varchar) from public, anon, authenticated;
grant execute on function fetchq.metric_snap(varchar, varchar) to service_role;

create or replace function fetchq.metric_snap(par_queue varchar, out success boolean, out inserts integer)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select * from fetchq.metric_snap(par_queue, null::jsonb)
$$;

comment on function fetchq.metric_snap(varchar) is 'Writes down the numbers of a queue as they are now.';
revoke execute on function fetchq.metric_snap(varchar) from public, anon, authenticated;
grant execute on function fetchq.metric_snap(varchar) to service_role;
