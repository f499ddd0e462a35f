-- refuse_token: whoever speaks by a token that is not valid (any more) is told so.
--
-- Always raises SQ404.

create or replace function supaqueue_internal.refuse_token(token uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using
    errcode = 'SQ404',
    message = format('there is no current job %s', coalesce(refuse_token.token::text, 'null')),
    hint = 'It has ended already, or its lease ran out and the job was taken back. Stop working on it. Nothing was changed.';
end;
$$;

comment on function supaqueue_internal.refuse_token(uuid) is 'Raises: there is no such current job.';
