-- list_queues: the queues at a glance, by name, page by page.
--
-- reads      supaqueue.queue_overview
--
-- `filter` may have `after`, the name that the page before ended with, and `limit`. Returns
-- {queues, next}; `next` is null when there are no more.

create or replace function supaqueue_internal.list_queues(filter jsonb)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  most constant integer := coalesce((filter ->> 'limit')::integer, 50);
  page constant uuid[] := array(
    select queue.id
    from supaqueue.queue
    where queue.name > coalesce(filter ->> 'after', '')
    order by queue.name
    limit most + 1
  );
  shown jsonb;
begin
  -- The overview is of those of the page alone: each costs a few counts.
  select jsonb_agg(supaqueue_internal.describe_queue(to_jsonb(overview), overview.empty_in) order by overview.name)
  into shown
  from unnest(page[1:most]) as target (id)
  cross join lateral (select * from supaqueue.queue_overview where queue_overview.queue = target.id) as overview;

  return jsonb_build_object(
    'queues', coalesce(shown, '[]'),
    'next', case when cardinality(page) > most then shown -> -1 -> 'name' end
  );
end;
$$;

comment on function supaqueue_internal.list_queues(jsonb) is 'The queues at a glance, page by page.';
