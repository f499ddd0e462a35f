-- fix_queues: every queue has a heartbeat and a key_lock, and what belongs to a queue has one.
--
-- writes     supaqueue.heartbeat, supaqueue.key_lock; supaqueue.worker of queues that are gone; supaqueue.trouble
--
-- A restore with triggers switched off leaves them out, or leaves them behind. Jobs whose
-- queue is gone are nobody's to run or to delete: they are named in supaqueue.trouble.
-- Returns how many were fixed. Waits for nobody who is deleting a queue.

create or replace function supaqueue_internal.fix_queues(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  lacking uuid[];
  from_queue uuid;
  orphaned uuid[];
  looked_to uuid;
  one uuid;
  fixed integer := 0;
begin
  lacking := array(
    select queue.id
    from supaqueue.queue
    where not exists (select from supaqueue.heartbeat where heartbeat.queue = queue.id)
      or not exists (select from supaqueue.key_lock where key_lock.queue = queue.id)
    for key share skip locked
  );
  foreach one in array lacking loop
    begin
      insert into supaqueue.heartbeat (queue) values (one) on conflict do nothing;
      insert into supaqueue.key_lock (queue) values (one) on conflict do nothing;
      fixed := fixed + 1;
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside('queues', one::text, sqlstate, sqlerrm, queue => one);
      exit when sqlstate = '57014';
    end;
  end loop;

  perform supaqueue_internal.forget_rows('supaqueue.heartbeat', array(
    select alone.ctid from supaqueue.heartbeat as alone
    where not exists (select from supaqueue.queue where queue.id = alone.queue)
    for update skip locked
  ));
  perform supaqueue_internal.forget_rows('supaqueue.key_lock', array(
    select alone.ctid from supaqueue.key_lock as alone
    where not exists (select from supaqueue.queue where queue.id = alone.queue)
    for update skip locked
  ));
  perform supaqueue_internal.forget_rows('supaqueue.worker', array(
    select alone.ctid from supaqueue.worker as alone
    where not exists (select from supaqueue.queue where queue.id = alone.queue)
    for update skip locked
  ));

  -- By the index, from queue to queue, five hundred in each sweep.
  select coalesce(chore.mark, '00000000-0000-0000-0000-000000000000')::uuid into from_queue
  from supaqueue.chore where chore.name = 'queues';
  with recursive step as (
    (select job.queue, 1 as place from supaqueue.job where job.queue > from_queue order by job.queue limit 1)
    union all
    select (select job.queue from supaqueue.job where job.queue > step.queue order by job.queue limit 1), step.place + 1
    from step
    where step.queue is not null and step.place < 500
  )
  select
    array_agg(step.queue) filter (where step.queue is not null and not exists (select from supaqueue.queue where queue.id = step.queue)),
    (array_agg(step.queue order by step.place desc) filter (where step.place = 500))[1]
  into orphaned, looked_to
  from step;
  update supaqueue.chore set mark = looked_to::text where chore.name = 'queues' and chore.mark is distinct from looked_to::text;

  foreach one in array coalesce(orphaned, '{}') loop
    perform supaqueue_internal.put_aside(
      'queues', one::text, 'SQ404',
      format('there are jobs of the queue %s, which is gone: insert a queue with this id again, or delete them', one), queue => one
    )
    where not exists (
      select from supaqueue.trouble
      where trouble.kind = 'queues' and trouble.subject = one::text and trouble.next_try_at > clock_timestamp()
    );
  end loop;
  delete from supaqueue.trouble
  where trouble.kind = 'queues'
    and trouble.queue <> all (coalesce(orphaned, '{}'))
    and (
      exists (select from supaqueue.key_lock join supaqueue.heartbeat using (queue) where key_lock.queue = trouble.queue)
      or not exists (select from supaqueue.job where job.queue = trouble.queue)
    );
  return fixed;
end;
$$;

comment on function supaqueue_internal.fix_queues(integer) is 'Gives every queue its heartbeat and its key_lock, and names jobs without a queue. Returns how many were fixed.';

insert into supaqueue.chore (name, place, routine) values ('queues', 10, 'fix_queues')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
