-- metric_get_total: one number, of all queues together.
--
-- called by  users
-- reads      what metric_get reads
--
-- `does_exists` is false for one that no queue has.

create or replace function fetchq.metric_get_total(par_metric varchar, out current_value integer, out does_exists boolean)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  select sum(counted.current_value)::integer into current_value
  from supaqueue.queue as place
  cross join lateral fetchq.metric_get(place.name) as counted
  where place.mode = 'pull' and counted.metric = par_metric;
  does_exists := current_value is not null;
  current_value := coalesce(current_value, 0);
end;
$$;

comment on function fetchq.metric_get_total(varchar) is 'One number, of all queues together.';
revoke execute on function fetchq.metric_get_total(varchar) from public, anon, authenticated;
grant execute on function fetchq.metric_get_total(varchar) to service_role;
