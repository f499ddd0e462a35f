-- The SQL side of pg_net's stand-in: what pg_net 0.20 puts into the database. May run again.
-- worker.ts sends what is queued here.

create schema if not exists net;

do $$
begin
  if to_regtype('net.http_method') is null then
    create domain net.http_method as text check (lower(value) in ('get', 'post', 'delete'));
  end if;
  if to_regtype('net.request_status') is null then
    create type net.request_status as enum ('PENDING', 'SUCCESS', 'ERROR');
  end if;
  if to_regtype('net.http_response') is null then
    create type net.http_response as (status_code integer, headers jsonb, body text);
  end if;
  if to_regtype('net.http_response_result') is null then
    create type net.http_response_result as (status net.request_status, message text, response net.http_response);
  end if;
end
$$;

-- Unlogged and without an index, as the original.
create unlogged table if not exists net.http_request_queue (
  id bigserial,
  method net.http_method not null,
  url text not null,
  headers jsonb,
  body bytea,
  timeout_milliseconds integer not null
);

create unlogged table if not exists net._http_response (
  id bigint,
  status_code integer,
  content_type text,
  headers jsonb,
  content text,
  timed_out boolean,
  error_msg text,
  created timestamptz not null default now()
);

create index if not exists _http_response_created_idx on net._http_response (created);

create or replace function net._urlencode_string(string varchar)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    string_agg(
      case
        when chr(octet.value) ~ '[A-Za-z0-9._~-]' then chr(octet.value)
        else '%' || upper(lpad(to_hex(octet.value), 2, '0'))
      end,
      '' order by octet.position
    ),
    ''
  )
  from (select convert_to(string, 'UTF8') as bytes) as encoded
  cross join lateral generate_series(0, octet_length(encoded.bytes) - 1) as position
  cross join lateral (select position, get_byte(encoded.bytes, position) as value) as octet;
$$;

create or replace function net._encode_url_with_params_array(url text, params_array text[])
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when cardinality(params_array) = 0 then url
    else url || case when strpos(url, '?') > 0 then '&' else '?' end || array_to_string(params_array, '&')
  end;
$$;

create or replace function net._with_params(url text, params jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select net._encode_url_with_params_array(
    url,
    coalesce(array_agg(net._urlencode_string(param.key) || '=' || net._urlencode_string(param.value)), '{}')
  )
  from jsonb_each_text(params) as param;
$$;

-- A notification, too, reaches the worker at commit, and only then.
create or replace function net.wake()
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  select pg_notify('pg_net stand-in', 'wake');
$$;

create or replace function net.worker_restart()
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  select pg_notify('pg_net stand-in', 'restart');
  select true;
$$;

create or replace function net._worker_is_up()
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  -- Within a transaction the view would answer the same for ever.
  select pg_stat_clear_snapshot();
  select exists (
    select from pg_stat_activity as activity
    where activity.application_name = 'pg_net stand-in'
      and activity.datname = current_database()
  );
$$;

create or replace function net.check_worker_is_up()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not net._worker_is_up() then
    raise exception using
      message = 'the pg_net background worker is not up',
      detail = 'the stand-in for the pg_net background worker is not connected to this database',
      hint = 'start it: `npx pnpm dev` does so, or startNetWorker in scripts/dev/standins/net/worker.ts';
  end if;
end
$$;

create or replace function net.wait_until_running()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  while not net._worker_is_up() loop
    perform pg_sleep(0.05);
  end loop;
end
$$;

create or replace function net._queue(method text, url text, headers jsonb, body jsonb, timeout_milliseconds integer)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  request_id bigint;
begin
  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
  values (
    _queue.method,
    _queue.url,
    _queue.headers,
    convert_to(_queue.body::text, 'UTF8'),
    _queue.timeout_milliseconds
  )
  returning id into request_id;

  perform net.wake();
  return request_id;
end
$$;

create or replace function net.http_get(
  url text,
  params jsonb default '{}'::jsonb,
  headers jsonb default '{}'::jsonb,
  timeout_milliseconds integer default 5000
)
returns bigint
language sql
set search_path = pg_catalog, pg_temp
as $$
  select net._queue('GET', net._with_params(url, params), headers, null, timeout_milliseconds);
$$;

create or replace function net.http_post(
  url text,
  body jsonb default '{}'::jsonb,
  params jsonb default '{}'::jsonb,
  headers jsonb default '{"Content-Type": "application/json"}'::jsonb,
  timeout_milliseconds integer default 5000
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  content_type text := (
    select header.value
    from jsonb_each_text(http_post.headers) as header
    where lower(header.key) = 'content-type'
    limit 1
  );
begin
  if content_type <> 'application/json' then
    raise exception 'Content-Type header must be "application/json"';
  end if;

  return net._queue(
    'POST',
    net._with_params(http_post.url, http_post.params),
    case
      when content_type is null then http_post.headers || '{"Content-Type": "application/json"}'
      else http_post.headers
    end,
    http_post.body,
    http_post.timeout_milliseconds
  );
end
$$;

create or replace function net.http_delete(
  url text,
  params jsonb default '{}'::jsonb,
  headers jsonb default '{}'::jsonb,
  timeout_milliseconds integer default 5000,
  body jsonb default null
)
returns bigint
language sql
set search_path = pg_catalog, pg_temp
as $$
  select net._queue('DELETE', net._with_params(url, params), headers, body, timeout_milliseconds);
$$;

create or replace function net._await_response(request_id bigint)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  while not exists (select from net._http_response as response where response.id = request_id) loop
    perform pg_sleep(0.05);
  end loop;
  return true;
end
$$;

create or replace function net._http_collect_response(request_id bigint, async boolean default true)
returns net.http_response_result
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  answer net._http_response;
begin
  if not async then
    perform net._await_response(request_id);
  end if;

  select response.* into answer from net._http_response as response where response.id = request_id;

  if answer.id is null or answer.error_msg is not null then
    return ('ERROR', coalesce(answer.error_msg, 'request matching request_id not found'), null);
  end if;
  return ('SUCCESS', 'ok', (answer.status_code, answer.headers, answer.content)::net.http_response);
end
$$;

-- As unkind as the original: everybody can read what is queued, headers included, and nobody but the owner of these
-- objects can take that back.
grant usage on schema net to public;
grant all on all sequences in schema net to public;
grant all on all tables in schema net to public;
grant usage on schema net to postgres, anon, authenticated, service_role;
