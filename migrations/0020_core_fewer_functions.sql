-- Functions that became part of others, or say more than they did. Locks no table.

drop function if exists supaqueue_internal.claims_allowed(supaqueue.queue, timestamptz, integer, boolean);
drop function if exists supaqueue_internal.allowance(supaqueue.queue, timestamptz, integer, boolean, text);
drop function if exists supaqueue_internal.claim_batches(supaqueue.queue, integer, uuid, uuid[], text, integer);
drop function if exists supaqueue_internal.ensure_run(uuid);
drop function if exists supaqueue_internal.ensure_run_once(uuid);
