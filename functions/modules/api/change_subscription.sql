-- change_subscription: a queue is subscribed, or no more, for the HTTP API.
--
-- writes     supaqueue.subscription, by subscribe and unsubscribe
--
-- `wanted` is {pattern, filter}. With `ends` the subscription ends, or all of the queue where the pattern is null.
-- Returns what list_subscriptions does. Errors: those of subscribe and unsubscribe.

create or replace function supaqueue_internal.change_subscription(queue text, wanted jsonb, ends boolean default false)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if change_subscription.ends then
    perform supaqueue.unsubscribe(change_subscription.wanted ->> 'pattern', change_subscription.queue);
  else
    perform supaqueue.subscribe(
      change_subscription.wanted ->> 'pattern', change_subscription.queue, nullif(change_subscription.wanted -> 'filter', 'null')
    );
  end if;
  return supaqueue_internal.list_subscriptions(change_subscription.queue);
end;
$$;

comment on function supaqueue_internal.change_subscription(text, jsonb, boolean) is 'Subscribes a queue, or ends that. Returns what list_subscriptions does.';
