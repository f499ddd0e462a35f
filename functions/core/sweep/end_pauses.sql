-- end_pauses: queues whose pause is over go on.
--
-- writes     supaqueue.queue, whose trigger wakes them at the end of the transaction; supaqueue.trouble
--
-- Returns how many. Skips what others hold. All at once; when that fails, one by one.

create or replace function supaqueue_internal.end_pauses(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  over uuid[] := array(
    select queue.id from supaqueue.queue
    where queue.paused and queue.paused_until <= clock_timestamp()
      and not exists (
        select from supaqueue.trouble
        where trouble.kind = 'pauses' and trouble.subject = queue.id::text and trouble.next_try_at > clock_timestamp()
      )
    for no key update skip locked
  );
  one uuid;
  ended integer := 0;
begin
  if over = '{}' then
    return 0;
  end if;
  begin
    update supaqueue.queue set paused = false, paused_until = null, paused_reason = null where queue.id = any (over);
    get diagnostics ended = row_count;
    perform supaqueue_internal.fire_deferred();
    delete from supaqueue.trouble where trouble.kind = 'pauses' and trouble.subject = any (over::text[]);
    return ended;
  exception when query_canceled or assert_failure or others then
    ended := 0;
  end;

  foreach one in array over loop
    begin
      update supaqueue.queue set paused = false, paused_until = null, paused_reason = null where queue.id = one;
      perform supaqueue_internal.fire_deferred();
      delete from supaqueue.trouble where trouble.kind = 'pauses' and trouble.subject = one::text;
      ended := ended + 1;
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside('pauses', one::text, sqlstate, sqlerrm, queue => one);
      exit when sqlstate = '57014';
    end;
  end loop;
  return ended;
end;
$$;

comment on function supaqueue_internal.end_pauses(integer) is 'Resumes queues whose pause is over. Returns how many.';

insert into supaqueue.chore (name, place, routine) values ('pauses', 20, 'end_pauses')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
