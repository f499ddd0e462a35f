-- lanes: how many calls one run makes at once, from the settings.
--
-- called by  supaqueue_turn, sweep, on_current_job_started

create or replace function supaqueue_internal.lanes()
returns integer
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    (select setting.value::integer from supaqueue.setting where setting.name = 'lanes' and setting.value ~ '^[1-9][0-9]{0,3}$'),
    25
  );
end;
$$;

comment on function supaqueue_internal.lanes() is 'How many calls one run makes at once.';
revoke execute on function supaqueue_internal.lanes() from public, anon, authenticated;
grant execute on function supaqueue_internal.lanes() to service_role;
