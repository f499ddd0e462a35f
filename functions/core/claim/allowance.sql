-- allowance: how many jobs of a queue may be begun at a time, whatever is due and
-- whoever is free.
--
-- called by  claim, count_due
-- reads      what claims_allowed reads
--
-- `most`, unless
--   the queue is pulled from and this is the dispatcher, or the other way round: 0
--   its limits have less to give (claims_allowed). With `locking` they are held until the end
--     of the transaction; whoever finds them held gets 0, since somebody is just taking.
-- Also says how many jobs with the same key may run at once.

create or replace function supaqueue_internal.allowance(
  queue supaqueue.queue, at timestamptz, most integer, locking boolean default false, mode text default 'push',
  out allowed integer, out per_key integer
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  per_key := (allowance.queue).per_key;
  allowed := case
    when (allowance.queue).mode is distinct from allowance.mode then 0
    else supaqueue_internal.claims_allowed(allowance.queue, allowance.at, allowance.most, allowance.locking)
  end;
end;
$$;

comment on function supaqueue_internal.allowance(supaqueue.queue, timestamptz, integer, boolean, text) is 'How many jobs of a queue may be begun at a time, and how many of one key.';
