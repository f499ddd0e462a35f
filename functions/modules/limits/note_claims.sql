-- note_claims: so many jobs of a queue have been begun; its rate limit gives fewer from now on.
--
-- called by  claim, begin_despite_pause, which hold the limit
-- writes     supaqueue.rate_limit
--
-- In place of the core's default.

create or replace function supaqueue_internal.note_claims(queue supaqueue.queue, at timestamptz, jobs integer)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if (note_claims.queue).rate_limit is null then
    return;
  end if;
  update supaqueue.rate_limit
  set free_at = supaqueue_internal.rate_since(rate_limit, note_claims.at)
    + least(note_claims.jobs / rate_limit.max_rps, 3e9) * interval '1 second'
  where rate_limit.name = (note_claims.queue).rate_limit;
end;
$$;

comment on function supaqueue_internal.note_claims(supaqueue.queue, timestamptz, integer) is 'Notes that so many jobs of a queue have been begun.';
revoke execute on function supaqueue_internal.note_claims(supaqueue.queue, timestamptz, integer) from public, anon, authenticated;
grant execute on function supaqueue_internal.note_claims(supaqueue.queue, timestamptz, integer) to service_role;
