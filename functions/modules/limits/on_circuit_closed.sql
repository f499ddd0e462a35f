-- on_circuit_closed: a target takes calls again, or somebody said so; at commit the queues
-- that call it get a run.
--
-- A hundred of them, and a thousand of the jobs of each that were put off: the others come
-- with the next sweep, and when their time is over.
-- Security definer: whoever may write this table may not read the heartbeat.

create or replace function supaqueue_internal.on_circuit_closed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
set jit = off
as $$
declare
  host constant text := substring(new.target from '^host (.*)$');
  home supaqueue.queue;
begin
  for home in
    select queue.*
    from supaqueue.queue
    where not queue.paused
      and (
        supaqueue_internal.target_of(queue) = new.target
        or array[host, host || ':443', host || ':80'] && array(select lower(entry) from unnest(queue.allowed_hosts) as entry)
      )
      and exists (select from supaqueue.job where job.queue = queue.id and job.status = 'pending')
    limit 100
  loop
    -- Closed before its time: by a call that had been under way, or by hand.
    if old.tried_at is null and old.open_until > clock_timestamp() and cardinality(home.allowed_hosts) > 0 then
      update supaqueue.job
      set run_at = clock_timestamp(), updated_at = clock_timestamp()
      where job.id = any (array(
        select put_off.id
        from supaqueue.job as put_off
        where put_off.queue = home.id
          and put_off.status = 'pending'
          and put_off.run_at between old.open_until and old.open_until + interval '1 second'
          and supaqueue_internal.target_of(home, put_off.url) = new.target
        limit 1000
        for no key update skip locked
      ));
    end if;
    perform supaqueue_internal.ensure_run(home.id, once => false);
  end loop;
  return null;
exception when lock_not_available then
  raise warning using
    errcode = 'SQ503',
    message = format('supaqueue could not look for the queues that call %s: %s', new.target, sqlerrm),
    hint = 'Somebody locks a table. Their jobs are safe; the sweep looks again.';
  return null;
end;
$$;

comment on function supaqueue_internal.on_circuit_closed() is 'A target takes calls again: wakes the queues that call it.';

drop trigger if exists on_circuit_closed on supaqueue.circuit;
create constraint trigger on_circuit_closed
  after update of open_until on supaqueue.circuit
  deferrable initially deferred
  for each row
  when (old.open_until is not null and (new.open_until is null or new.open_until < old.open_until))
  execute function supaqueue_internal.on_circuit_closed();
