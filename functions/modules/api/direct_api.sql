-- direct_api: what the HTTP API asks the database, for who has a connection of its own.
--
-- called by  the process `supaqueue api`, over a connection
-- writes     what the function that is asked writes
--
-- `asked` is one of the three functions that the API stands on, `given` its parameters by their names.
--
-- Security definer: a role that may call this, and nothing else, is enough to serve the API. It lies where the Data API
-- never comes.
--
-- Errors: SQ404 there is no such function; and those of the function.

create or replace function supaqueue_internal.direct_api(asked text, given jsonb)
returns jsonb
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  case direct_api.asked
    when 'answer_api' then
      return supaqueue.answer_api(
        route => direct_api.given ->> 'route',
        parameters => coalesce(direct_api.given -> 'parameters', '{}'),
        body => direct_api.given ->> 'body',
        caller => coalesce(direct_api.given ->> 'caller', ''),
        idempotency_key => direct_api.given ->> 'idempotency_key',
        request_hash => direct_api.given ->> 'request_hash'
      );
    when 'use_api_key' then
      return supaqueue.use_api_key(given ->> 'hash');
    when 'metrics' then
      return to_jsonb(supaqueue.metrics());
    else
      raise exception using
        errcode = 'SQ404',
        message = format('the HTTP API asks for %s, which the database does not know', coalesce(quote_literal(direct_api.asked), 'null')),
        hint = 'The database and the program are of different versions. Run the installer again.';
  end case;
end;
$$;

comment on function supaqueue_internal.direct_api(text, jsonb) is 'What the HTTP API asks the database, over a connection of its own.';
