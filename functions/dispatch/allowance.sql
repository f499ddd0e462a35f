-- allowance: how many jobs of a queue may be begun at a time, whatever is due and
-- whoever is free: `most`, unless its circuit is open.
--
-- called by  pair, count_due
-- reads      supaqueue.circuit
--
-- Once the circuit has been open for its time, one job is tried, and no other
-- until that one is reported. Sessions that ask at the same moment do not see each
-- other: each of them may try one.

create or replace function supaqueue.allowance(queue uuid, at timestamptz, most integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  open_until timestamptz;
begin
  select circuit.open_until into open_until from supaqueue.circuit where circuit.queue = allowance.queue;
  return case
    when open_until is null then allowance.most
    when open_until > allowance.at then 0
    when exists (
      select from supaqueue.current_job
      where current_job.queue = allowance.queue
        and coalesce(current_job.begun_at, current_job.created_at) >= open_until
    ) then 0
    else least(allowance.most, 1)
  end;
end;
$$;

comment on function supaqueue.allowance(uuid, timestamptz, integer) is 'How many jobs of a queue may be begun at a time.';
revoke execute on function supaqueue.allowance(uuid, timestamptz, integer) from public, anon, authenticated;
grant execute on function supaqueue.allowance(uuid, timestamptz, integer) to service_role;
