-- next_claim_ms: how long until the limits of a queue let its next job begin, in milliseconds.
--
-- Null, for there is none.

create or replace function supaqueue_internal.next_claim_ms(queue supaqueue.queue)
returns integer
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return null;
end;
$$;

comment on function supaqueue_internal.next_claim_ms(supaqueue.queue) is 'How long until the limits of a queue let its next job begin.';
