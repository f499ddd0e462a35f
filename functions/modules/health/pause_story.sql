-- pause_story: until when a queue is paused, by whom, since when and why.
--
-- reads      supaqueue.queue; supaqueue.audit, by its index of queues
--
-- {text, since, by}; `since` and `by` are null when nobody remembers.

create or replace function supaqueue_internal.pause_story(queue uuid)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  done supaqueue.audit;
  who text;
  target supaqueue.queue;
begin
  select queue.* into target from supaqueue.queue where queue.id = pause_story.queue;
  select audit.* into done
  from supaqueue.audit
  where audit.queue = pause_story.queue and audit.act in ('pause', 'create queue')
  order by audit.id desc
  limit 1;
  who := coalesce(done.person, done.subject, done.role);
  return jsonb_build_object(
    'text', concat(
      'paused',
      case
        when target.paused_until is null then ' until it is resumed'
        when target.paused_until > at then format(' for another %s', supaqueue_internal.say_interval(target.paused_until - at))
        else format(' (its time ended %s ago; the next sweep resumes it)', supaqueue_internal.say_interval(at - target.paused_until))
      end,
      ', by ' || who || coalesce(' (' || done.application || ')', ''),
      case when done.id is not null then format(' %s ago', supaqueue_internal.say_interval(at - done.at)) end,
      ', because ' || target.paused_reason
    ),
    'since', done.at,
    'by', who
  );
end;
$$;

comment on function supaqueue_internal.pause_story(uuid) is 'Until when a queue is paused, by whom, since when and why.';
