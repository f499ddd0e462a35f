-- expect_run: note that a run was ticked for a queue and is on its way.
--
-- called by  answer, supaqueue_turn, sweep; always beside a tick
-- writes     supaqueue.pulse
--
-- For five seconds no enqueue needs to tick. If the tick is lost, the next sweep a
-- second later or more ticks again, or the next enqueue after that time.

create or replace function supaqueue_internal.expect_run(queue uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update supaqueue.pulse
  set run = null, awake_until = clock_timestamp() + interval '5 seconds', ticked_at = clock_timestamp()
  where pulse.queue = (
    select held.queue from supaqueue.pulse as held where held.queue = expect_run.queue for update skip locked
  );
end;
$$;

comment on function supaqueue_internal.expect_run(uuid) is 'Notes that a run was ticked for a queue and is on its way.';
revoke execute on function supaqueue_internal.expect_run(uuid) from public, anon, authenticated;
grant execute on function supaqueue_internal.expect_run(uuid) to service_role;
