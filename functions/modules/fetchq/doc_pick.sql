-- doc_pick: take documents that are due.
--
-- called by  users
-- writes     what supaqueue.pick writes
--
-- At most `par_limit` of one version, higher priority first, then those that have
-- waited longest. Each is active until it is answered, or until `par_duration` (an
-- interval, such as 5m) is over; next_iteration says when. The short forms: version 0,
-- one document, 5 minutes. None when the queue is not there, or paused.
--
-- Errors: SQ422 for a duration above a day.

create or replace function fetchq.doc_pick(par_queue varchar, par_version integer, par_limit integer, par_duration varchar)
returns table (
  subject varchar, payload jsonb, version integer, priority integer, attempts integer, iterations bigint,
  created_at timestamptz, last_iteration timestamptz, next_iteration timestamptz, lock_upgrade timestamptz
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant uuid := fetchq.queue_of(par_queue);
begin
  if target is null or coalesce(par_limit < 1, true) then
    return;
  end if;
  return query
  select
    picked.dedupe_key::varchar, picked.payload, picked.job_version, picked.priority, picked.attempts,
    coalesce((picked.state ->> 'iterations')::bigint, 0), picked.created_at,
    (picked.state ->> 'last_iteration')::timestamptz, picked.lease_until, null::timestamptz
  from unnest(supaqueue.pick(target::text, par_version, par_limit, par_duration::interval)) as picked
  order by picked.priority desc, picked.run_at, picked.job;
end;
$$;

comment on function fetchq.doc_pick(varchar, integer, integer, varchar) is 'Takes documents of one version that are due.';
revoke execute on function fetchq.doc_pick(varchar, integer, integer, varchar) from public, anon, authenticated;
grant execute on function fetchq.doc_pick(varchar, integer, integer, varchar) to service_role;

create or replace function fetchq.doc_pick(par_queue varchar, par_duration varchar)
returns table (
  subject varchar, payload jsonb, version integer, priority integer, attempts integer, iterations bigint,
  created_at timestamptz, last_iteration timestamptz, next_iteration timestamptz, lock_upgrade timestamptz
)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select * from fetchq.doc_pick(par_queue, 0, 1, par_duration)
$$;

comment on function fetchq.doc_pick(varchar, varchar) is 'Takes one document that is due.';
revoke execute on function fetchq.doc_pick(varchar, varchar) from public, anon, authenticated;
grant execute on function fetchq.doc_pick(varchar, varchar) to service_role;

create or replace function fetchq.doc_pick(par_queue varchar)
returns table (
  subject varchar, payload jsonb, version integer, priority integer, attempts integer, iterations bigint,
  created_at timestamptz, last_iteration timestamptz, next_iteration timestamptz, lock_upgrade timestamptz
)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select * from fetchq.doc_pick(par_queue, 0, 1, '5m')
$$;

comment on function fetchq.doc_pick(varchar) is 'Takes one document that is due, for 5 minutes.';
revoke execute on function fetchq.doc_pick(varchar) from public, anon, authenticated;
grant execute on function fetchq.doc_pick(varchar) to service_role;

create or replace function fetchq.doc_pick(par_queue varchar, par_limit integer)
returns table (
  subject varchar, payload jsonb, version integer, priority integer, attempts integer, iterations bigint,
  created_at timestamptz, last_iteration timestamptz, next_iteration timestamptz, lock_upgrade timestamptz
)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select * from fetchq.doc_pick(par_queue, 0, par_limit, '5m')
$$;

comment on function fetchq.doc_pick(varchar, integer) is 'Takes documents that are due, for 5 minutes.';
revoke execute on function fetchq.doc_pick(varchar, integer) from public, anon, authenticated;
grant execute on function fetchq.doc_pick(varchar, integer) to service_role;
