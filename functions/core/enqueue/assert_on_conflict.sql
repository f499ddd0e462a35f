-- assert_on_conflict: what is to happen when a dedupe_key is taken must be known.
--
-- Errors: SQ422.

create or replace function supaqueue_internal.assert_on_conflict(on_conflict text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if not coalesce(assert_on_conflict.on_conflict in ('error', 'skip', 'replace'), false) then
    raise exception using
      errcode = 'SQ422',
      message = format('on_conflict cannot be %s', coalesce(quote_literal(assert_on_conflict.on_conflict), 'null')),
      hint = 'It is error, skip or replace. Nothing was changed.';
  end if;
end;
$$;

comment on function supaqueue_internal.assert_on_conflict(text) is 'Raises unless on_conflict is error, skip or replace.';
