-- assert_origin: where a job comes from can be sent along: each of it becomes a header.
--
-- An object of texts, of 8,000 bytes together as it is stored. Anything else would have the dispatcher refuse the
-- answer that the job comes with, and all other jobs in it. Errors: SQ422.

create or replace function supaqueue_internal.assert_origin(origin jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if jsonb_typeof(assert_origin.origin) <> 'object' or pg_column_size(assert_origin.origin) > 8000
    or assert_origin.origin @? 'strict $.* ? (@.type() != "string")'
  then
    raise exception using
      errcode = 'SQ422',
      message = 'the origin of a job is an object of texts, with 8000 bytes at most',
      hint = 'Nothing was changed. What the function is to know goes into the payload or the headers.';
  end if;
end;
$$;

comment on function supaqueue_internal.assert_origin(jsonb) is 'Raises unless where a job comes from can be sent along.';
