-- cancel_backfill: a backfill stops where it is.
--
-- called by  users
-- writes     what switch_backfill writes
--
-- The jobs that it has made stay. It may be resumed. Returns whether that changed anything. Errors: SQ404.

create or replace function supaqueue.cancel_backfill(backfill bigint)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return supaqueue_internal.switch_backfill(cancel_backfill.backfill, 'cancelled');
end;
$$;

comment on function supaqueue.cancel_backfill(bigint) is 'Stops a backfill. Returns whether that changed anything.';
