-- lanes: how many calls one run makes at once, from the settings: 1 to 500, and 25 for what
-- the dispatcher would not take either (limits.ts).
--
-- called by  tick, ask_for_runs

create or replace function supaqueue_internal.lanes()
returns integer
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    (
      select setting.value::integer from supaqueue.setting
      where setting.name = 'lanes' and setting.value ~ '^[1-9][0-9]{0,2}$' and setting.value::integer <= 500
    ),
    25
  );
end;
$$;

comment on function supaqueue_internal.lanes() is 'How many calls one run makes at once.';
revoke execute on function supaqueue_internal.lanes() from public, anon, authenticated;
grant execute on function supaqueue_internal.lanes() to service_role;
