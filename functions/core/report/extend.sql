-- extend: a function needs more time for its job.
--
-- called by  users' functions, by the token they were called with
-- writes     supaqueue.current_job
--
-- The lease lasts at least `lease_ms` milliseconds from now, a day at most; it is
-- never shortened. A call that is still open ends at its timeout all the same.
-- Returns until when the lease lasts. Errors: SQ404, SQ422.

create or replace function supaqueue.extend(token uuid, lease_ms integer default 60000)
returns timestamptz
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  extended timestamptz;
begin
  if extend.lease_ms is null or extend.lease_ms not between 1 and 86400000 then
    raise exception using
      errcode = 'SQ422',
      message = 'a lease is extended by 1 to 86400000 milliseconds',
      hint = 'Extend it again before it runs out. Nothing was changed.';
  end if;

  update supaqueue.current_job
  -- Who knows the token was called.
  set called = true, lease_until = greatest(current_job.lease_until, clock_timestamp() + extend.lease_ms * interval '1 millisecond')
  where current_job.id = extend.token
  returning current_job.lease_until into extended;

  if not found then
    perform supaqueue_internal.refuse_token(extend.token);
  end if;
  return extended;
end;
$$;

comment on function supaqueue.extend(uuid, integer) is 'Extends the lease of a current job. Returns until when it lasts.';
