-- note_backlog: how many jobs are due in each queue is written down, once a minute.
--
-- reads      supaqueue.job, by its index of pending jobs
-- writes     supaqueue.history
--
-- Of queues in which a job waits, or waited a minute ago; at most `most`, and for half a second at most: what is left
-- over comes with the next sweep. Counted up to 10000. Returns how many queues were counted.

create or replace function supaqueue_internal.note_backlog(most integer default 1000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  minute constant timestamptz := date_trunc('minute', at);
  counted integer := 0;
  target uuid;
  due integer;
  oldest double precision;
begin
  for target in
    select queue.id
    from supaqueue.queue
    where not exists (
        select from supaqueue.history
        where history.queue = queue.id and history.span = 'minute' and history.at = minute and history.backlog is not null
      )
      and (
        exists (select from supaqueue.job where job.queue = queue.id and job.status = 'pending')
        or exists (
          select from supaqueue.history
          where history.queue = queue.id and history.span = 'minute'
            and history.at between minute - interval '2 minutes' and minute - interval '1 minute' and history.backlog > 0
        )
      )
    order by queue.id
    limit greatest(note_backlog.most, 0)
  loop
    begin
      due := cardinality(supaqueue_internal.due_jobs(target, at, 10000));
      oldest := least(greatest(extract(epoch from at - supaqueue_internal.oldest_due(target, at)), 0), 315576000000);
      insert into supaqueue.history (queue, span, at, backlog, oldest_s)
      values (target, 'hour', date_trunc('hour', at), due, oldest), (target, 'minute', minute, due, oldest)
      on conflict on constraint history_has_one_row_per_span do update set backlog = excluded.backlog, oldest_s = excluded.oldest_s;
      counted := counted + 1;
      perform supaqueue_internal.fire_deferred('supaqueue.history');
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside(
        'counters', target::text, sqlstate, format('the history lacks how many jobs wait: %s', sqlerrm), queue => target
      );
      exit when sqlstate = '57014';
    end;
    exit when clock_timestamp() > at + interval '500 milliseconds';
  end loop;
  return counted;
end;
$$;

comment on function supaqueue_internal.note_backlog(integer) is 'Writes down how many jobs are due in each queue, once a minute. Returns how many queues were counted.';

insert into supaqueue.chore (name, place, routine) values ('backlog', 155, 'note_backlog')
on conflict (name) do update set place = excluded.place, routine = excluded.routine;
