-- end_pauses: queues whose pause is over go on.
--
-- writes     supaqueue.queue, whose trigger wakes them at the end of the transaction; supaqueue.trouble
--
-- Returns how many, at most `most`, and none is begun after a second: those left over are the next sweep's. One by one:
-- they are few. Those that are over longest come first, of queues that were slow last. Skips what others hold.

create or replace function supaqueue_internal.end_pauses(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  begun_at constant timestamptz := clock_timestamp();
  over uuid;
  ended integer := 0;
begin
  for over in
    select queue.id from supaqueue.queue
    where queue.paused and queue.paused_until <= clock_timestamp()
      and not exists (
        select from supaqueue.trouble
        where trouble.kind = 'pauses' and trouble.subject = queue.id::text and trouble.next_try_at > clock_timestamp()
      )
    order by exists (select from supaqueue.trouble where trouble.kind = 'slow' and trouble.queue = queue.id), queue.paused_until
    limit end_pauses.most
    for no key update skip locked
  loop
    begin
      update supaqueue.queue set paused = false, paused_until = null, paused_reason = null where queue.id = over;
      perform supaqueue_internal.fire_deferred();
      delete from supaqueue.trouble where trouble.kind = 'pauses' and trouble.subject = over::text;
      ended := ended + 1;
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside('pauses', over::text, sqlstate, sqlerrm, queue => over);
      exit when sqlstate = '57014';
    end;
    exit when supaqueue_internal.time_is_up(begun_at);
  end loop;
  return ended;
end;
$$;

comment on function supaqueue_internal.end_pauses(integer) is 'Resumes queues whose pause is over. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('pauses', 20, 'end_pauses')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
