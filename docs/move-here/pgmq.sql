-- Moves the waiting messages of pgmq (Supabase Queues) to supaqueue, in one transaction: a message is here or there, never both. One
-- that somebody has read and not yet archived or deleted stays; so do archives. It may run while consumers do, and again: it moves
-- what has come or has become visible since.
--
-- Run it as the owner of both, after supaqueue was installed: psql -f pgmq.sql
begin;

-- Each queue becomes one of supaqueue, which calls the edge function of the same name. Change the function, and how many calls run at
-- once, by create_queue afterwards. A queue that is here already is left as it is.
select supaqueue.create_queue(theirs.queue_name, workers => 1)
from pgmq.meta as theirs
where not exists (select from supaqueue.queue where queue.name = theirs.queue_name);

do $$
declare
  theirs text;
begin
  for theirs in select queue_name from pgmq.meta order by queue_name loop
    -- Read before and invisible: somebody is at work on it.
    execute format(
      $move$
      with waiting as (
        select message.msg_id
        from pgmq.%1$I as message
        where message.vt <= clock_timestamp() or message.read_ct = 0
        for update skip locked
      ),
      taken as (
        delete from pgmq.%1$I as message
        using waiting
        where message.msg_id = waiting.msg_id
        returning message.*
      )
      insert into supaqueue.job (queue, payload, run_at, created_at)
      select queue.id, coalesce(taken.message, 'null'), greatest(taken.vt, taken.enqueued_at), taken.enqueued_at
      from taken
      join supaqueue.queue on queue.name = %2$L
      order by taken.msg_id
      $move$,
      'q_' || lower(theirs), theirs
    );
  end loop;
end
$$;

commit;
