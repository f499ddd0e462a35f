-- subscribe: what is published under a topic becomes a job of a queue, too.
--
-- called by  users
-- writes     supaqueue.subscription
--
-- `pattern` is a topic, in which * stands for one word, and ** at the end for one or more. `filter`: only payloads that
-- contain this. Called again for the same pattern and queue, it says the filter anew. Holds for what is published from
-- when it is committed. Returns whether it is new.
--
-- Errors: SQ404 no such queue, SQ422 a pattern or a filter that is not valid.

create or replace function supaqueue.subscribe(pattern text, queue text, filter jsonb default null)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(subscribe.queue);
  is_new boolean;
begin
  if not coalesce(
    subscribe.pattern ~ '^(([A-Za-z0-9_-]+|\*)\.){0,7}([A-Za-z0-9_-]+|\*|\*\*)$' and octet_length(subscribe.pattern) <= 200, false
  ) then
    raise exception using
      errcode = 'SQ422',
      message = format('%s is not a topic pattern', coalesce(quote_literal(left(subscribe.pattern, 200)), 'null')),
      hint = 'Up to eight words of letters, digits, - and _ with dots between them, 200 bytes at most: order.paid. * stands for one word: order.*. ** at the end stands for one or more: order.**. Nothing was changed.';
  end if;
  if jsonb_typeof(subscribe.filter) <> 'object' then
    raise exception using
      errcode = 'SQ422',
      message = 'a filter is an object that the payload must contain',
      hint = 'Write it like this: {"country": "de"}. Nothing was changed.';
  end if;

  insert into supaqueue.subscription (pattern, queue, filter)
  values (subscribe.pattern, target.id, subscribe.filter)
  on conflict on constraint subscription_of_a_queue_is_one_per_pattern do update set filter = excluded.filter
  returning xmax = 0 into is_new;
  return is_new;
end;
$$;

comment on function supaqueue.subscribe(text, text, jsonb) is 'Subscribes a queue to a topic: what is published there becomes a job of the queue. Returns whether that is new.';
