-- create_api_key: a key for the HTTP API, with what it may do.
--
-- called by  users
-- writes     supaqueue.api_key, and what note_act writes
--
-- `scopes` are enqueue (new jobs and tasks), read, control (cancel, retry, pause, settings,
-- task types, calling hosts that no task was sent to before) and metrics. `max_rps` is how
-- many requests a second it may make, null for as many as come; `burst` may come at once.
-- Returns the key, once: only its hash is kept. Errors: SQ409 the name is taken, SQ422.

create or replace function supaqueue.create_api_key(
  name text,
  scopes text[],
  max_rps double precision default null,
  burst integer default 10,
  expires_at timestamptz default null
)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  -- 244 random bits.
  made constant text := 'sqk_' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
begin
  insert into supaqueue.api_key (name, hash, scopes, max_rps, burst, expires_at)
  values (
    create_api_key.name, encode(sha256(convert_to(made, 'utf8')), 'hex'), create_api_key.scopes,
    create_api_key.max_rps, create_api_key.burst, create_api_key.expires_at
  );
  perform supaqueue_internal.note_act('create api key', after => jsonb_build_object('key', create_api_key.name, 'scopes', create_api_key.scopes));
  return made;
exception
  when unique_violation then
    raise exception using
      errcode = 'SQ409',
      message = format('there is an API key named %s', quote_literal(create_api_key.name)),
      hint = 'Nothing was changed. Give the new one another name; supaqueue.revoke_api_key(name) takes the old one away.';
  when check_violation or not_null_violation then
    raise exception using
      errcode = 'SQ422',
      message = 'an API key has a name of at most 100 characters, scopes, and a max_rps and a burst above 0',
      hint = 'Scopes are some of enqueue, read, control, metrics: create_api_key(''importer'', ''{enqueue,read}''). Nothing was changed.';
end;
$$;

comment on function supaqueue.create_api_key(text, text[], double precision, integer, timestamptz) is 'Makes a key for the HTTP API, and returns it this once.';
