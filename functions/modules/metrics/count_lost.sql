-- count_lost: counts leases that ran out.
--
-- called by  sweep, and mnt_run_all of the add-on fetchq
-- writes     supaqueue.counter_delta
--
-- `lost` is a list of objects with `token` and `queue`; those whose token is `unsettled` were not taken back.

create or replace function supaqueue_internal.count_lost(lost jsonb, unsettled uuid[])
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into supaqueue.counter_delta (queue, leases_lost)
  select entry.queue, count(*)
  from jsonb_to_recordset(count_lost.lost) as entry (token uuid, queue uuid)
  where entry.token <> all (count_lost.unsettled)
  group by entry.queue
$$;

comment on function supaqueue_internal.count_lost(jsonb, uuid[]) is 'Counts leases that ran out.';
revoke execute on function supaqueue_internal.count_lost(jsonb, uuid[]) from public, anon, authenticated;
grant execute on function supaqueue_internal.count_lost(jsonb, uuid[]) to service_role;
