-- doc_drop: an active document is done and deleted. Its subject is free again.
--
-- called by  users
-- writes     what ensure_run writes
--
-- Returns 0 when the document is not active.

create or replace function fetchq.doc_drop(par_queue varchar, par_subject varchar, out affected_rows integer)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select fetchq.end_document(par_queue, par_subject, 'drop')
$$;

comment on function fetchq.doc_drop(varchar, varchar) is 'An active document is done and deleted.';
revoke execute on function fetchq.doc_drop(varchar, varchar) from public, anon, authenticated;
grant execute on function fetchq.doc_drop(varchar, varchar) to service_role;
