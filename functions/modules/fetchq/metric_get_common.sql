-- metric_get_common: the numbers of a queue in one row.
--
-- called by  users
-- reads      what metric_get reads

create or replace function fetchq.metric_get_common(
  par_queue varchar,
  out cnt integer,
  out pnd integer,
  out pln integer,
  out act integer,
  out cpl integer,
  out kll integer,
  out ent integer,
  out drp integer,
  out pkd integer,
  out prc integer,
  out res integer,
  out rej integer,
  out orp integer,
  out err integer
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select common.*
  from (
    select jsonb_object_agg(counted.metric, counted.current_value) as numbers from fetchq.metric_get(par_queue) as counted
  ) as gathered
  cross join lateral jsonb_to_record(gathered.numbers) as common (cnt integer, pnd integer, pln integer, act integer, cpl integer, kll integer, ent integer, drp integer, pkd integer, prc integer, res integer, rej integer, orp integer, err integer)
$$;

comment on function fetchq.metric_get_common(varchar) is 'The numbers of a queue in one row.';
revoke execute on function fetchq.metric_get_common(varchar) from public, anon, authenticated;
grant execute on function fetchq.metric_get_common(varchar) to service_role;
