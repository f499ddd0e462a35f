-- kept_rows: the rows of a table that could not be deleted, and are not yet to be tried again.
--
-- called by  chores that forget what is old, with every look
-- reads      supaqueue.trouble, by its key

create or replace function supaqueue_internal.kept_rows(relation regclass)
returns tid[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select split_part(trouble.subject, ' ', 2)::tid
    from supaqueue.trouble
    where trouble.kind = 'rows'
      and starts_with(trouble.subject, kept_rows.relation || ' ')
      and trouble.next_try_at > clock_timestamp()
  )
$$;

comment on function supaqueue_internal.kept_rows(regclass) is 'The rows of a table that could not be deleted, and are not yet to be tried again.';
