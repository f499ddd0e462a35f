-- concurrency: how many calls one run makes at once, from the settings: 1 to 500, and 25 for what
-- the dispatcher would not take either (limits.ts).

create or replace function supaqueue_internal.concurrency()
returns integer
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    (
      select setting.value::integer from supaqueue.setting
      where setting.name = 'concurrency' and setting.value ~ '^[1-9][0-9]{0,2}$' and setting.value::integer <= 500
    ),
    25
  );
end;
$$;

comment on function supaqueue_internal.concurrency() is 'How many calls one run makes at once.';
