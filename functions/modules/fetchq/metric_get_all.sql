-- metric_get_all: the numbers of every queue that documents are picked from.
--
-- called by  users
-- reads      what metric_get reads

create or replace function fetchq.metric_get_all()
returns table (
  queue varchar, cnt integer, pnd integer, pln integer, act integer, cpl integer, kll integer, ent integer, drp integer, pkd integer, prc integer, res integer, rej integer, orp integer, err integer
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select place.name::varchar, common.*
  from supaqueue.queue as place
  cross join lateral fetchq.metric_get_common(place.name) as common
  where place.mode = 'pull'
  order by place.name
$$;

comment on function fetchq.metric_get_all() is 'The numbers of every queue that documents are picked from.';
revoke execute on function fetchq.metric_get_all() from public, anon, authenticated;
grant execute on function fetchq.metric_get_all() to service_role;
