-- finite: a time that a job can have.
--
-- Null is now; infinities are the ends of what people mean by far.

create or replace function fetchq.finite(at timestamptz)
returns timestamptz
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select greatest(least(coalesce(at, now()), timestamptz '9999-12-31 00:00:00+00'), timestamptz '0001-01-01 00:00:00+00')
$$;

comment on function fetchq.finite(timestamptz) is 'A time that a job can have.';
revoke execute on function fetchq.finite(timestamptz) from public, anon, authenticated;
grant execute on function fetchq.finite(timestamptz) to service_role;
