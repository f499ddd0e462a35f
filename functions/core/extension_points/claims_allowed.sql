-- claims_allowed: how many jobs of a queue its limits let begin at a time.
--
-- `most`: the core knows no limit but its workers. With `locking`, whoever limits holds what
-- it counts by until the end of the transaction. `counted`: whoever begins them says how many (note_claims).

create or replace function supaqueue_internal.claims_allowed(
  queue supaqueue.queue, at timestamptz, most integer, locking boolean default false,
  out allowed integer, out counted boolean
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  allowed := claims_allowed.most;
  counted := false;
end;
$$;

comment on function supaqueue_internal.claims_allowed(supaqueue.queue, timestamptz, integer, boolean) is 'How many jobs of a queue its limits let begin at a time.';
