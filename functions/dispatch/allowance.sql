-- allowance: how many jobs of a queue may be begun at a time, whatever is due and
-- whoever is free.
--
-- called by  pair, count_due
-- reads      supaqueue.queue, supaqueue.circuit, supaqueue.rate_limit
--
-- `most`, unless
--   the queue is pulled from and this is the dispatcher, or the other way round: 0
--   its circuit is open: 0; once it has been open for its time: 1, until that one is
--     reported. Sessions that ask at the same moment do not see each other: each of
--     them may try one
--   its rate limit has less to give. With `locking` the limit is held until the end of
--     the transaction; whoever finds it held gets 0, since somebody is just taking.
-- Also says how many jobs with the same key may run at once.

create or replace function supaqueue.allowance(
  queue uuid, at timestamptz, most integer, locking boolean default false, mode text default 'push',
  out allowed integer, out per_key integer
)
language plpgsql
set search_path = ''
as $$
declare
  seen record;
begin
  select queue.mode, queue.rate_limit, queue.per_key, circuit.open_until into seen
  from supaqueue.queue
  left join supaqueue.circuit on circuit.queue = queue.id
  where queue.id = allowance.queue;

  per_key := seen.per_key;
  allowed := case
    when seen.mode is distinct from allowance.mode then 0
    when seen.open_until is null then allowance.most
    when seen.open_until > allowance.at then 0
    when exists (
      select from supaqueue.current_job
      where current_job.queue = allowance.queue
        and coalesce(current_job.begun_at, current_job.created_at) >= seen.open_until
    ) then 0
    else least(allowance.most, 1)
  end;

  if allowed > 0 and seen.rate_limit is not null then
    allowed := least(allowed, supaqueue.rate_left(seen.rate_limit, allowance.at, allowance.locking));
  end if;
end;
$$;

comment on function supaqueue.allowance(uuid, timestamptz, integer, boolean, text) is 'How many jobs of a queue may be begun at a time, and how many of one key.';
revoke execute on function supaqueue.allowance(uuid, timestamptz, integer, boolean, text) from public, anon, authenticated;
grant execute on function supaqueue.allowance(uuid, timestamptz, integer, boolean, text) to service_role;
