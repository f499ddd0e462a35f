-- queue_create: make a queue that documents are picked from.
--
-- called by  users
-- writes     supaqueue.queue, supaqueue.worker
--
-- Twice does no harm: the second time `was_created` is false. It has 1000 workers, so
-- that as many documents may be active at once; supaqueue.set_concurrency changes that.
-- A subject stays taken until its document is dropped: nothing is pruned.
--
-- Errors: SQ409 when supaqueue calls a queue of that name, SQ422.

create or replace function fetchq.queue_create(par_queue varchar, out was_created boolean, out queue_id uuid)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not coalesce(length(par_queue) between 1 and 40, false) then
    raise exception using
      errcode = 'SQ422',
      message = 'the name of a queue has 1 to 40 characters',
      hint = 'Nothing was changed. Give it a shorter one.';
  end if;

  insert into supaqueue.queue (name, edge_function_name, mode, max_attempts, dedupe_until, keep_success, keep_failed)
  -- Nobody calls the function: documents are picked.
  values (par_queue, 'fetchq', 'pull', 5, 'pruned', '1000 years', '1000 years')
  on conflict (name) do nothing
  returning queue.id into queue_id;
  was_created := queue_id is not null;
  if was_created then
    perform supaqueue.set_concurrency(queue_id::text, 1000);
    return;
  end if;

  queue_id := fetchq.queue_of(par_queue);
  if queue_id is null then
    raise exception using
      errcode = 'SQ409',
      message = format('there is a queue %s, and supaqueue calls its target', quote_literal(par_queue)),
      hint = 'Nothing was changed. Take another name; or have documents picked from it: update supaqueue.queue set mode = ''pull'' where name = ...';
  end if;
end;
$$;

comment on function fetchq.queue_create(varchar) is 'Makes a queue that documents are picked from. Returns its id, and whether it is new.';
revoke execute on function fetchq.queue_create(varchar) from public, anon, authenticated;
grant execute on function fetchq.queue_create(varchar) to service_role;
