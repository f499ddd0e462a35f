-- list_subscriptions: what a queue is subscribed to, for the HTTP API.
--
-- reads      supaqueue.subscription
--
-- `queue` is a name or an id. Returns {subscriptions}, a list of {pattern, filter} by pattern. Error: SQ404.

create or replace function supaqueue_internal.list_subscriptions(queue text)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(list_subscriptions.queue);
begin
  return jsonb_build_object('subscriptions', coalesce((
    select jsonb_agg(jsonb_build_object('pattern', subscription.pattern, 'filter', subscription.filter) order by subscription.pattern)
    from supaqueue.subscription
    where subscription.queue = target.id
  ), '[]'));
end;
$$;

comment on function supaqueue_internal.list_subscriptions(text) is 'What a queue is subscribed to.';
