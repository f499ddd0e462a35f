-- assert_json: JSON that would unfold, or that nobody could read, gets into no table.
--
-- called by  whoever takes JSON from outside; triggers, before constraints are looked at: one that does not hold has the
--            whole row written out
--
-- `what` it is begins the message. Error: SQ422.

create or replace function supaqueue_internal.assert_json(what text, value jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  fault constant text := supaqueue_internal.json_fault(assert_json.value);
begin
  if fault is not null then
    raise exception using
      errcode = 'SQ422',
      message = concat(assert_json.what, ' ', fault),
      hint = 'Nothing was changed. Send such a number as a text, and nest less deeply.';
  end if;
end;
$$;

comment on function supaqueue_internal.assert_json(text, jsonb) is 'Raises when a JSON value would unfold.';
