-- revoke_api_key: a key of the HTTP API is refused from now on.
--
-- called by  users
-- writes     supaqueue.api_key, and what note_act writes
--
-- Returns whether there was one of that name.

create or replace function supaqueue.revoke_api_key(name text)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from supaqueue.api_key where api_key.name = revoke_api_key.name;
  if not found then
    return false;
  end if;
  perform supaqueue_internal.note_act('revoke api key', before => jsonb_build_object('key', revoke_api_key.name));
  return true;
end;
$$;

comment on function supaqueue.revoke_api_key(text) is 'Revokes a key of the HTTP API. Returns whether there was one.';
