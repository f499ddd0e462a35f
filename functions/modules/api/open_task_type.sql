-- open_task_type: the queue of a task type, made if it is not there, and open to some hosts.
--
-- writes     supaqueue.queue, supaqueue.worker
--
-- A queue that is made here calls what its jobs say: its own url leads nowhere (.invalid is
-- no domain), it begins with 10 workers, 3 retries and 5 seconds per call, and the hosts its
-- tasks name are added to allowed_hosts, ten thousand at most. Queues that somebody else made
-- keep their hosts as they are. Only if the caller `may_open`: otherwise the queue must be
-- there, and what is not allowed is refused when the jobs are inserted.
--
-- Errors: SQ403 the caller may not, SQ409 too many hosts.

create or replace function supaqueue_internal.open_task_type(name text, hosts text[], may_open boolean default false)
returns supaqueue.queue
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  nowhere constant text := 'http://tasks.invalid/';
  target supaqueue.queue;
begin
  select * into target from supaqueue.queue where queue.name = open_task_type.name;
  if target.id is null and open_task_type.may_open then
    insert into supaqueue.queue (name, url, timeout_ms, max_attempts)
    values (open_task_type.name, nowhere, 5000, 4)
    on conflict on constraint queue_name_is_unique do nothing
    returning * into target;
    if target.id is not null then
      insert into supaqueue.worker (queue) select target.id from generate_series(1, 10);
    end if;
  end if;
  if target.id is null and not open_task_type.may_open and not exists (
    select from supaqueue.queue where queue.id::text = open_task_type.name
  ) then
    raise exception using
      errcode = 'SQ403',
      message = format('there is no task_type %s, and this key may not make one', quote_literal(open_task_type.name)),
      hint = 'A key with the scope control makes it by its first task, or by POST /task-types. Nothing was changed.';
  end if;
  if target.id is null then
    target := supaqueue_internal.find_queue(open_task_type.name);
  end if;
  if not open_task_type.may_open and target.url = nowhere and not open_task_type.hosts <@ target.allowed_hosts then
    raise exception using
      errcode = 'SQ403',
      message = format(
        'the tasks of %s do not call %s yet, and this key may not change that', quote_literal(target.name),
        (select string_agg(host, ', ') from (
          select host from unnest(open_task_type.hosts) as host where host <> all (target.allowed_hosts) limit 3
        ) as missing)
      ),
      hint = 'The first task for a host needs a key with the scope control. Nothing was changed.';
  end if;

  if open_task_type.may_open and target.url = nowhere and not open_task_type.hosts <@ target.allowed_hosts then
    update supaqueue.queue
    set allowed_hosts = queue.allowed_hosts || array(
      select host from unnest(open_task_type.hosts) as host where host <> all (queue.allowed_hosts)
    )
    where queue.id = target.id
    returning * into target;
    if cardinality(target.allowed_hosts) > 10000 then
      raise exception using
        errcode = 'SQ409',
        message = format('the tasks of %s call more than 10000 hosts', quote_literal(target.name)),
        hint = 'Nothing was changed. Take away what is not called any more: update supaqueue.queue set allowed_hosts = ...; or use another task_type.';
    end if;
  end if;
  return target;
end;
$$;

comment on function supaqueue_internal.open_task_type(text, text[], boolean) is 'The queue of a task type, made if it is not there.';
