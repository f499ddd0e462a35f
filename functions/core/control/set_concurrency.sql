-- set_concurrency: how many calls of a queue may run at once: so many workers.
--
-- called by  users; inserting and deleting workers by hand does the same
-- writes     supaqueue.worker, whose trigger wakes the queue
--
-- Of too many, free workers go first. One that has a job goes, too, but that job is
-- finished all the same: so many calls as there are run on, and no new ones begin
-- until fewer than `calls` are left. Returns how many workers were added, or (below 0)
-- taken away.
--
-- Calls for the same queue wait for each other. Workers are locked in the order of
-- their ids, as everywhere where there are several.
-- Errors: SQ404, SQ422.

create or replace function supaqueue.set_concurrency(queue text, calls integer)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(set_concurrency.queue);
  missing integer;
  retired uuid[];
begin
  if not coalesce(set_concurrency.calls between 0 and 10000, false) then
    raise exception using
      errcode = 'SQ422',
      message = 'set_concurrency takes 0 to 10000 calls at once',
      hint = 'Nothing was changed. To stop a queue for a while: supaqueue.pause(queue).';
  end if;
  perform from supaqueue.queue where queue.id = target.id for no key update;

  missing := set_concurrency.calls - (select count(*) from supaqueue.worker where worker.queue = target.id);
  if missing > 0 then
    insert into supaqueue.worker (queue) select target.id from generate_series(1, missing);
  elsif missing < 0 then
    retired := array(
      select worker.id
      from supaqueue.worker
      where worker.queue = target.id
      order by worker.locked, worker.created_at desc, worker.id
      limit - missing
    );
    perform from supaqueue.worker where worker.id = any (retired) order by worker.id for update;
    delete from supaqueue.worker where worker.id = any (retired);
  end if;
  return missing;
end;
$$;

comment on function supaqueue.set_concurrency(text, integer) is 'Sets how many calls of a queue may run at once. Returns how many workers were added or removed.';
