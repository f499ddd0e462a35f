-- claims_allowed: how many jobs of a queue its limits let begin at a time.
--
-- called by  allowance
--
-- `most`: the core knows no limit but its workers. With `locking`, whoever limits holds what
-- it counts by until the end of the transaction.

create or replace function supaqueue_internal.claims_allowed(
  queue supaqueue.queue, at timestamptz, most integer, locking boolean default false
)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return claims_allowed.most;
end;
$$;

comment on function supaqueue_internal.claims_allowed(supaqueue.queue, timestamptz, integer, boolean) is 'How many jobs of a queue its limits let begin at a time.';
