-- time_after: when a while from now is over.
--
-- What no time can be so far from now is infinity, which no job can wait for. Null for null.

create or replace function supaqueue_internal.time_after(delay interval, at timestamptz default now())
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if time_after.delay is null then
    return null;
  end if;
  -- A block of its own: to be ready to catch costs a subtransaction, and most jobs have no delay.
  begin
    return time_after.at + time_after.delay;
  exception when datetime_field_overflow or interval_field_overflow then
    return 'infinity';
  end;
end;
$$;

comment on function supaqueue_internal.time_after(interval, timestamptz) is 'When a while from now is over; infinity where no time is so far.';
