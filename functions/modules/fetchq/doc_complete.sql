-- doc_complete: an active document is done. Its subject stays taken.
--
-- called by  users
-- writes     what ensure_run writes
--
-- Returns 0 when the document is not active. `par_payload` takes the place of the document.

create or replace function fetchq.doc_complete(par_queue varchar, par_subject varchar, out affected_rows integer)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select fetchq.end_document(par_queue, par_subject, 'complete')
$$;

comment on function fetchq.doc_complete(varchar, varchar) is 'An active document is done.';
revoke execute on function fetchq.doc_complete(varchar, varchar) from public, anon, authenticated;
grant execute on function fetchq.doc_complete(varchar, varchar) to service_role;

create or replace function fetchq.doc_complete(par_queue varchar, par_subject varchar, par_payload jsonb, out affected_rows integer)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select fetchq.end_document(par_queue, par_subject, 'complete', par_payload)
$$;

comment on function fetchq.doc_complete(varchar, varchar, jsonb) is 'An active document is done.';
revoke execute on function fetchq.doc_complete(varchar, varchar, jsonb) from public, anon, authenticated;
grant execute on function fetchq.doc_complete(varchar, varchar, jsonb) to service_role;
