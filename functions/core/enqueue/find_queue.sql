-- find_queue: the queue that somebody names, by its name or its id.
--
-- reads      supaqueue.queue, by its indexes
--
-- Errors: SQ404; the hint lists the names that are most like the one that was given.

create or replace function supaqueue_internal.find_queue(queue text)
returns supaqueue.queue
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target supaqueue.queue;
  similar_names text;
begin
  select * into target from supaqueue.queue where queue.name = find_queue.queue;
  if target.id is null and find_queue.queue ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    select * into target from supaqueue.queue where queue.id = find_queue.queue::uuid;
  end if;
  if target.id is not null then
    return target;
  end if;

  -- How many pairs of letters of the one are in the other.
  select string_agg(quote_literal(likely.name), ', ' order by likely.likeness desc, likely.name) into similar_names
  from (
    select
      candidate.name,
      (
        select count(*)
        from generate_series(1, length(candidate.name) - 1) as i
        where strpos(lower(left(find_queue.queue, 200)), lower(substr(candidate.name, i, 2))) > 0
      )::float8 / greatest(length(candidate.name), length(find_queue.queue), 2) as likeness
    from supaqueue.queue as candidate
    order by likeness desc, candidate.name
    limit 3
  ) as likely
  where likely.likeness >= 0.4;

  raise exception using
    errcode = 'SQ404',
    message = format('there is no queue %s', coalesce(quote_literal(left(find_queue.queue, 200)), 'null')),
    hint = 'Nothing was changed. ' || coalesce(
      'Is it one of these: ' || similar_names || '?',
      'Its name or its id is wanted; to see them: select id, name from supaqueue.queue.'
    );
end;
$$;

comment on function supaqueue_internal.find_queue(text) is 'The queue that somebody names, by its name or its id.';
