-- Moves the waiting documents of fetchq 4 to supaqueue, in one transaction: a document is here or there, never both. One that a
-- consumer has picked stays, and so do completed and killed ones. It may run while consumers do, and again: it moves what has come
-- or has been given back since.
--
-- Run it as the owner of both, after supaqueue was installed: psql -f fetchq.sql
begin;

-- As the add-on's fetchq.queue_create makes them: consumers pick, a subject stays taken, nothing is pruned.
with made as (
  insert into supaqueue.queue (name, edge_function_name, mode, max_attempts, dedupe_until, keep_success, keep_failed)
  select theirs.name, 'fetchq', 'pull', coalesce(theirs.max_attempts, 5), 'pruned', '1000 years', '1000 years'
  from fetchq.queues as theirs
  on conflict (name) do nothing
  returning id
)
select supaqueue.set_concurrency(id::text, 1000) from made;

do $$
declare
  theirs text;
begin
  for theirs in select name from fetchq.queues order by name loop
    -- 0 is planned, 1 pending. What is locked, somebody is at work on.
    execute format(
      $move$
      with waiting as (
        select doc.subject
        from fetchq_data.%1$I as doc
        where doc.status in (0, 1) and doc.lock_upgrade is null
        for update skip locked
      ),
      taken as (
        delete from fetchq_data.%1$I as doc
        using waiting
        where doc.subject = waiting.subject
        returning doc.*
      )
      insert into supaqueue.job (queue, payload, version, priority, run_at, attempts, dedupe_key, created_at)
      select
        queue.id, coalesce(taken.payload, '{}'), coalesce(taken.version, 0), coalesce(taken.priority, 0),
        coalesce(taken.next_iteration, now()), coalesce(taken.attempts, 0), taken.subject, coalesce(taken.created_at, now())
      from taken
      join supaqueue.queue on queue.name = %2$L
      order by taken.created_at, taken.subject
      $move$,
      theirs || '__docs', theirs
    );
  end loop;
end
$$;

commit;
