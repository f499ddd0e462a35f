-- assert_reports: whoever reports says a token, and an outcome that is known.
--
-- Raises SQ422: what was settled beside it is undone. Asked once something of what was reported could not be settled.

create or replace function supaqueue_internal.assert_reports(reports jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from jsonb_array_elements(assert_reports.reports) as entry
    where jsonb_typeof(entry -> 'token') is distinct from 'string'
      or not exists (select from supaqueue.outcome where outcome.outcome = entry ->> 'outcome')
  ) then
    raise exception using
      errcode = 'SQ422',
      message = 'a report needs a token and a known outcome',
      hint = 'docs/reference/turn.md lists what a report may say. Nothing was changed.';
  end if;
end;
$$;

comment on function supaqueue_internal.assert_reports(jsonb) is 'Raises unless each report has a token and an outcome that is known.';
