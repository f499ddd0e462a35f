-- fn_pgqueuer_enqueue: put one job into a queue, by the name and the arguments of PGQueuer.
--
-- called by  users, by SQL or over the REST API
-- reads      supaqueue.setting, supaqueue.queue
-- writes     what supaqueue.enqueue writes
--
-- `entrypoint` is the queue. `payload` is base64: what it stands for is stored as it
-- is when it is JSON, else as {"$base64": "..."}. Bytes that are no base64 stand for
-- themselves. Returns the job's id.
--
-- A dedupe_key is unique across all entrypoints while its job has not ended. Who
-- enqueues the same key at once waits for the other transaction to end, as for every
-- unique key.
--
-- Security definer: a role that may only run this needs no rights on any table. Such
-- a role reaches only the queues that supaqueue.setting lists for it.
--
-- Errors: 23505 the key is taken, which is HTTP 409; SQ403; SQ413, before the payload is looked at; those of enqueue.

create or replace function public.fn_pgqueuer_enqueue(
  entrypoint text,
  payload bytea default null,
  priority integer default 0,
  execute_after interval default '0',
  dedupe_key text default null,
  headers jsonb default null
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
  -- Not current_user: that is the owner in here.
  caller constant name := coalesce(nullif(current_setting('role'), 'none'), session_user);
  target supaqueue.queue;
  letters text;
  bytes bytea := fn_pgqueuer_enqueue.payload;
  body jsonb := '{}';
  holder bigint;
begin
  if not pg_has_role(caller, 'service_role', 'usage') and not exists (
    select from supaqueue.setting
    where setting.name = 'pgqueuer_entrypoints_of_' || caller
      and fn_pgqueuer_enqueue.entrypoint = any (string_to_array(setting.value, ','))
  ) then
    raise exception using
      errcode = 'SQ403',
      message = format(
        'the role %s may not enqueue to the entrypoint %s',
        quote_literal(caller), coalesce(quote_literal(left(fn_pgqueuer_enqueue.entrypoint, 200)), 'null')
      ),
      hint = format(
        'Nothing was changed. To allow it, as service_role: insert into supaqueue.setting (name, value) values (%L, %L).',
        'pgqueuer_entrypoints_of_' || caller, left(fn_pgqueuer_enqueue.entrypoint, 200)
      );
  end if;
  target := supaqueue_internal.find_queue(fn_pgqueuer_enqueue.entrypoint);

  -- Base64 takes four bytes for three, and a line break for each line of it.
  if octet_length(bytes) > target.payload_max_bytes * 2::bigint + 64 then
    raise exception using
      errcode = 'SQ413',
      message = format('the payload has %s bytes, and queue %s takes at most %s', octet_length(bytes), quote_literal(target.name), target.payload_max_bytes),
      hint = 'Nothing was changed. Put large data into Storage or a table, and only its location into the payload; or raise payload_max_bytes of the queue.';
  end if;
  if octet_length(fn_pgqueuer_enqueue.dedupe_key) > 1000 then
    raise exception using
      errcode = 'SQ422',
      message = 'a dedupe_key has at most 1000 bytes',
      hint = 'Nothing was changed. A hash of it is shorter: md5(key).';
  end if;

  if bytes is not null then
    letters := regexp_replace(encode(bytes, 'escape'), '\s', '', 'g');
    if letters ~ '^[A-Za-z0-9+/]*={0,2}$' and length(letters) % 4 = 0 then
      bytes := decode(letters, 'base64');
    end if;
    begin
      body := convert_from(bytes, 'utf8')::jsonb;
    exception when data_exception or statement_too_complex then
      -- Also what no parser ends: it is no JSON that anybody could read.
      body := jsonb_build_object('$base64', translate(encode(bytes, 'base64'), E'\n', ''));
    end;
  end if;

  if fn_pgqueuer_enqueue.dedupe_key is not null then
    -- Two entrypoints have no index in common that could keep a key unique.
    perform supaqueue_internal.take_name('pgqueuer', fn_pgqueuer_enqueue.dedupe_key);
    select taken.id into holder
    from supaqueue.queue
    cross join lateral supaqueue_internal.job_with_key(queue.id, fn_pgqueuer_enqueue.dedupe_key) as taken
    where taken.id is not null
    limit 1;
    if holder is not null then
      raise exception using
        errcode = 'unique_violation',
        message = format('the dedupe_key %s is taken by job %s', quote_literal(fn_pgqueuer_enqueue.dedupe_key), holder),
        hint = 'Nothing was changed. A key is free again when its job has ended.';
    end if;
  end if;

  return supaqueue.enqueue(
    target.id::text,
    body,
    priority => coalesce(fn_pgqueuer_enqueue.priority, 0),
    delay => coalesce(fn_pgqueuer_enqueue.execute_after, interval '0'),
    dedupe_key => fn_pgqueuer_enqueue.dedupe_key,
    headers => fn_pgqueuer_enqueue.headers
  );
exception when sqlstate 'SQ409' then
  raise exception using errcode = 'unique_violation', message = sqlerrm, hint = 'Nothing was changed. A key is free again when its job has ended.';
end;
$$;

comment on function public.fn_pgqueuer_enqueue(text, bytea, integer, interval, text, jsonb) is 'Puts one job into a queue of supaqueue, by the arguments of PGQueuer, and returns its id.';
revoke execute on function public.fn_pgqueuer_enqueue(text, bytea, integer, interval, text, jsonb) from public, anon, authenticated;
grant execute on function public.fn_pgqueuer_enqueue(text, bytea, integer, interval, text, jsonb) to service_role;

-- So that every later install applies it anew.
insert into supaqueue.setting (name, value) values ('addon_pgqueuer', 'installed') on conflict (name) do nothing;
