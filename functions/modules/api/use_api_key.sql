-- use_api_key: whose key it is, what it may do, and whether it is too early for it.
--
-- called by  the edge function supaqueue-api, in a transaction of its own
-- writes     supaqueue.api_key
--
-- `hash` is the SHA-256 of the key: the key itself reaches no statement and no log, and
-- who would time the look by hash learns nothing of a key. Returns {id, name, scopes,
-- wait_ms}; `wait_ms` is above 0 when its requests come faster than its max_rps. Null for a key that
-- is not known or has expired.
--
-- Requests that come by the same key at the same moment wait for each other, for as long
-- as this one statement takes.

create or replace function supaqueue.use_api_key(hash text)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  target supaqueue.api_key;
  wait_ms integer := 0;
begin
  select * into target from supaqueue.api_key where api_key.hash = use_api_key.hash;
  if target.id is null or target.expires_at <= at then
    return null;
  end if;

  if target.max_rps is not null then
    update supaqueue.api_key
    set
      free_at = greatest(api_key.free_at, at - least((target.burst - 1) / target.max_rps, 3e9) * interval '1 second')
        + least(1 / target.max_rps, 3e9) * interval '1 second',
      last_used_at = at
    where api_key.id = target.id and api_key.free_at <= at;
    if not found then
      select api_key.free_at into target.free_at from supaqueue.api_key where api_key.id = target.id;
      wait_ms := least(greatest(1, ceil(extract(epoch from target.free_at - at) * 1000)), 2147483647);
    end if;
  elsif target.last_used_at is null or target.last_used_at < at - interval '1 minute' then
    update supaqueue.api_key set last_used_at = at
    where api_key.id = (
      select held.id from supaqueue.api_key as held where held.id = target.id for no key update skip locked
    );
  end if;

  return jsonb_build_object('id', target.id, 'name', target.name, 'scopes', target.scopes, 'wait_ms', coalesce(wait_ms, 1));
end;
$$;

comment on function supaqueue.use_api_key(text) is 'Whose key it is, what it may do, and whether it is too early for it.';
