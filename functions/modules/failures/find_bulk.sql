-- find_bulk: what was done to many failed jobs, by its id.
--
-- reads      supaqueue.bulk_action
--
-- Errors: SQ404.

create or replace function supaqueue_internal.find_bulk(action bigint)
returns supaqueue.bulk_action
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  told supaqueue.bulk_action;
begin
  select * into told from supaqueue.bulk_action where bulk_action.id = find_bulk.action;
  if told.id is null then
    raise exception using
      errcode = 'SQ404',
      message = format('there is no bulk action %s', coalesce(find_bulk.action::text, 'null')),
      hint = 'Nothing was changed. Its id is the action that retry_where or discard_where returned; they are kept for a week.';
  end if;
  return told;
end;
$$;

comment on function supaqueue_internal.find_bulk(bigint) is 'What was done to many failed jobs, by its id.';
