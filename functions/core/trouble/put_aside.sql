-- put_aside: one thing could not be done; it is written down with its reason, and tried again.
--
-- called by  whoever does things one by one after a whole set has failed
-- writes     supaqueue.trouble
--
-- After the first failure it is tried again at the next sweep, then after 10 seconds, 20, 40
-- and so on, an hour at most. Returns how often it was tried. What a `report` said is kept.
-- Never raises: what a trigger of the user's on this very table refuses stops nobody either. Then it returns null.
--
-- When it could not have a lock in time, what follows hardly waits for one (hardly_wait), this note of it included.

create or replace function supaqueue_internal.put_aside(
  kind text, subject text, code text, reason text, queue uuid default null, job bigint default null, report jsonb default null
)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  counted integer;
begin
  perform supaqueue_internal.hardly_wait(put_aside.code);
  begin
    insert into supaqueue.trouble as known (kind, subject, queue, job, code, reason, report, since, tried_at, next_try_at)
    values (
      put_aside.kind, put_aside.subject, put_aside.queue, put_aside.job, put_aside.code,
      left(coalesce(nullif(put_aside.reason, ''), put_aside.code), 1000), put_aside.report, at, at, at
    )
    on conflict on constraint trouble_pkey do update
    set
      tries = least(known.tries, 1000000) + 1,
      tried_at = at,
      next_try_at = at + least(10 * 2 ^ least(known.tries - 1, 20), 3600) * interval '1 second',
      code = excluded.code,
      reason = excluded.reason,
      report = coalesce(excluded.report, known.report)
    returning known.tries into counted;
    return counted;
  exception when query_canceled or assert_failure or others then
    perform supaqueue_internal.hardly_wait(sqlstate);
    raise warning using
      errcode = 'SQ503',
      message = format('%s %s could not be set aside (%s): %s', put_aside.kind, put_aside.subject, put_aside.reason, sqlerrm),
      hint = 'The others go on. Is there a trigger of yours on supaqueue.trouble?';
    return null;
  end;
end;
$$;

comment on function supaqueue_internal.put_aside(text, text, text, text, uuid, bigint, jsonb) is 'Writes down what could not be done, and why; it is tried again at growing distances.';
