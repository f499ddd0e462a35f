-- claim_batches: what claim does for a queue with batches.
--
-- Each job begins in a call of its own: the core has no other calls.

create or replace function supaqueue_internal.claim_batches(
  queue supaqueue.queue, most integer, run uuid, freed uuid[], version integer
)
returns table (token uuid, worker_id uuid)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  single supaqueue.queue := claim_batches.queue;
begin
  single.batch_size := 1;
  return query select * from supaqueue_internal.claim(
    single, claim_batches.most, claim_batches.run, claim_batches.freed, single.mode, claim_batches.version
  );
end;
$$;

comment on function supaqueue_internal.claim_batches(supaqueue.queue, integer, uuid, uuid[], integer) is 'Gives free workers of a queue with batches its due jobs, a call of several jobs each.';
