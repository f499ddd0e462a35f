-- take_task: a task of the HTTP API is enqueued: a batch with a job for each payload.
--
-- writes     supaqueue.batch, supaqueue.job, by enqueue_many; supaqueue.queue and supaqueue.worker, by open_task_type
--
-- What stands in api_override of a payload wins over what the task says. Null is as not there,
-- and so is an empty url or method, and a timeout or max_rps of zero. `retry_delay` and
-- `timeout` are milliseconds, `max_rps` how many of these payloads a second are begun for the
-- first time: they are planned at even distances. `may_open`: whether the caller may make
-- a task type, and have hosts called that its tasks did not call before.
-- Returns {task_id, message_ids}, the ids in the order of the payloads.
--
-- Errors: those of enqueue_many and open_task_type; SQ422 for a payload that leads nowhere, or when
-- a host may not be called.

create or replace function supaqueue_internal.take_task(task jsonb, may_open boolean default false)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  -- The address of each payload, in their order.
  addresses constant text[] := array(
    select coalesce(nullif(entry.value #>> '{api_override,url}', ''), nullif(task ->> 'url', ''))
    from jsonb_array_elements(task -> 'payloads') with ordinality as entry (value, place)
    order by entry.place
  );
  target supaqueue.queue;
  jobs jsonb;
  answer jsonb;
begin
  target := supaqueue_internal.open_task_type(
    task ->> 'task_type',
    array(
      select distinct supaqueue_internal.host_of(address)
      from unnest(addresses) as address
      where supaqueue_internal.host_of(address) is not null
    ),
    take_task.may_open
  );
  if target.url = 'http://tasks.invalid/' and array_position(addresses, null) is not null then
    raise exception using
      errcode = 'SQ422',
      message = format('payloads[%s] has no url, and its task_type has no target of its own', array_position(addresses, null) - 1),
      hint = 'Give the task a url, or the payload an api_override.url. Nothing was changed.';
  end if;

  jobs := (
    select jsonb_agg(jsonb_build_object(
      'payload', case when jsonb_typeof(entry.value -> 'data') <> 'null' then entry.value -> 'data' end,
      'url', addresses[entry.place],
      'method', nullif(task ->> 'method', ''),
      'headers', supaqueue_internal.merge_headers(task -> 'headers', entry.value #> '{api_override,headers}'),
      'timeout_ms', nullif((task ->> 'timeout')::integer, 0),
      'max_attempts', (task ->> 'max_retries')::integer + 1,
      'retry_base_ms', task -> 'retry_delay',
      'retry_max_ms', case
        when (task ->> 'retry_delay')::integer > target.retry_max_ms then task -> 'retry_delay'
      end,
      'delay', case when (task ->> 'max_rps')::double precision <> 0 then least((entry.place - 1) / (task ->> 'max_rps')::double precision, 1e12) * interval '1 second' end
    ) order by entry.place)
    from jsonb_array_elements(task -> 'payloads') with ordinality as entry (value, place)
  );

  select jsonb_build_object(
    'task_id', (array_agg(enqueued.batch))[1],
    'message_ids', jsonb_agg(enqueued.id order by enqueued.place)
  )
  into answer
  from unnest(supaqueue.enqueue_many(target.id::text, jobs, task ->> 'item_id')) with ordinality
    as enqueued (id, batch, enqueued, place);
  return answer;
end;
$$;

comment on function supaqueue_internal.take_task(jsonb, boolean) is 'Enqueues a task of the HTTP API. Returns its id and those of its messages.';
