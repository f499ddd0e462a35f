-- unsubscribe: what is published under a topic becomes no job of a queue any more.
--
-- called by  users
-- writes     supaqueue.subscription
--
-- Jobs that are there stay. `pattern` as it was subscribed; null is all patterns of the queue. Returns how many
-- subscriptions there were. Errors: SQ404 no such queue.

create or replace function supaqueue.unsubscribe(pattern text, queue text)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(unsubscribe.queue);
  removed integer;
begin
  delete from supaqueue.subscription
  where subscription.queue = target.id and (unsubscribe.pattern is null or subscription.pattern = unsubscribe.pattern);
  get diagnostics removed = row_count;
  return removed;
end;
$$;

comment on function supaqueue.unsubscribe(text, text) is 'Ends subscriptions of a queue. Returns how many there were.';
