-- allowance: how many jobs of a queue may be begun at a time, whatever is due and
-- whoever is free.
--
-- called by  claim, count_due
-- reads      supaqueue.circuit, and what claims_allowed reads
--
-- `most`, unless
--   the queue is pulled from and this is the dispatcher, or the other way round: 0
--   its circuit is open: 0; once it has been open for its time: 1, until that one is
--     reported. Sessions that ask at the same moment do not see each other: each of
--     them may try one
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
declare
  open_until timestamptz;
begin
  select circuit.open_until into open_until from supaqueue.circuit where circuit.queue = (allowance.queue).id;

  per_key := (allowance.queue).per_key;
  allowed := case
    when (allowance.queue).mode is distinct from allowance.mode then 0
    when open_until is null then allowance.most
    when open_until > allowance.at then 0
    when exists (
      select from supaqueue.current_job
      where current_job.queue = (allowance.queue).id
        and coalesce(current_job.begun_at, current_job.created_at) >= open_until
    ) then 0
    else least(allowance.most, 1)
  end;

  if allowed > 0 then
    allowed := supaqueue_internal.claims_allowed(allowance.queue, allowance.at, allowed, allowance.locking);
  end if;
end;
$$;

comment on function supaqueue_internal.allowance(supaqueue.queue, timestamptz, integer, boolean, text) is 'How many jobs of a queue may be begun at a time, and how many of one key.';
revoke execute on function supaqueue_internal.allowance(supaqueue.queue, timestamptz, integer, boolean, text) from public, anon, authenticated;
grant execute on function supaqueue_internal.allowance(supaqueue.queue, timestamptz, integer, boolean, text) to service_role;
