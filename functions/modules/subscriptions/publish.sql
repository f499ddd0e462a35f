-- publish: a job for each queue that subscribed to a topic.
--
-- called by  users
-- reads      supaqueue.subscription
-- writes     supaqueue.job
--
-- In your transaction, and in one statement. One job per queue, whichever of its patterns fit; each is as if it were enqueued
-- by itself, with the pauses, retries and limits of its queue, and its call says the topic in a header, supaqueue-topic.
-- `dedupe_key`: queues in which it is taken get no second job, so who publishes again after an error does no harm. Returns
-- the ids of the jobs, in the order of the names of their queues: none when nobody subscribed, which is no error.
--
-- Errors: SQ409 the key was written by others since this transaction began, SQ413 too large a payload for a queue
-- that subscribed, SQ422 what is not valid. Nothing was changed then.

create or replace function supaqueue.publish(
  topic text,
  payload jsonb default '{}',
  dedupe_key text default null,
  concurrency_key text default null,
  priority integer default 0,
  delay interval default null
)
returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
  -- From the beginning of the transaction, as enqueue has it.
  due constant timestamptz := coalesce(supaqueue_internal.time_after(publish.delay), now());
  content constant jsonb := coalesce(publish.payload, '{}');
  target supaqueue.queue;
  ids bigint[];
begin
  if not coalesce(
    publish.topic ~ '^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,7}$' and octet_length(publish.topic) <= 200, false
  ) then
    raise exception using
      errcode = 'SQ422',
      message = format('%s is not a topic', coalesce(quote_literal(left(publish.topic, 200)), 'null')),
      hint = 'Up to eight words of letters, digits, - and _ with dots between them, 200 bytes at most: order.paid. Stars are for who subscribes. Nothing was changed.';
  end if;
  if due = '-infinity' or due >= '10000-01-01 00:00:00+00' then
    raise exception using
      errcode = 'SQ422',
      message = 'a job runs after an interval (delay) that ends before the year 10000',
      hint = 'Nothing was changed.';
  end if;

  -- What the strictest of them takes, all take.
  select queue.* into target
  from supaqueue.queue
  where queue.id in (
    select subscription.queue
    from supaqueue.subscription
    where subscription.pattern = any (supaqueue_internal.patterns_of(publish.topic))
      and (subscription.filter is null or content @> subscription.filter)
  )
  order by queue.payload_max_bytes, queue.name
  limit 1;
  if target.id is null then
    return '{}';
  end if;
  begin
    perform supaqueue_internal.assert_payload(target, content);
  exception when sqlstate 'SQ413' then
    raise exception using
      errcode = 'SQ413',
      message = format('%s, and queue %s subscribed to %s', sqlerrm, target.name, publish.topic),
      hint = 'Nothing was changed, in no queue. Publish less, or raise payload_max_bytes of that queue.';
  end;

  begin
    with subscribed as (
      select queue.id, queue.name
      from supaqueue.queue
      where queue.id in (
        select subscription.queue
        from supaqueue.subscription
        where subscription.pattern = any (supaqueue_internal.patterns_of(publish.topic))
          and (subscription.filter is null or content @> subscription.filter)
      )
    ),
    made as (
      insert into supaqueue.job (queue, payload, priority, run_at, dedupe_key, concurrency_key, origin)
      select
        subscribed.id, content, coalesce(publish.priority, 0), due,
        publish.dedupe_key, publish.concurrency_key, jsonb_build_object('topic', publish.topic)
      from subscribed
      -- Two that publish the same key at once wait for each other at most, never in a circle.
      order by subscribed.id
      on conflict do nothing
      returning job.id, job.queue
    )
    select coalesce(array_agg(made.id order by subscribed.name), '{}') into ids
    from made
    join subscribed on subscribed.id = made.queue;
  exception when transaction_rollback then
    -- Without a key it is as with any other insert.
    if publish.dedupe_key is null then
      raise;
    end if;
    raise exception using
      errcode = 'SQ409',
      message = format('the dedupe_key %s was written by another transaction since this one began', quote_literal(publish.dedupe_key)),
      hint = 'Nothing was changed. Try again in a new transaction, or publish under read committed.';
  end;
  return ids;
end;
$$;

comment on function supaqueue.publish(text, jsonb, text, text, integer, interval) is 'Puts a job into each queue that subscribed to a topic, and returns their ids.';
