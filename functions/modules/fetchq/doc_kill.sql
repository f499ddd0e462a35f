-- doc_kill: an active document is never to be picked again.
--
-- called by  users
-- writes     what ensure_run writes
--
-- Returns 0 when the document is not active. `par_payload` takes the place of the document.

create or replace function fetchq.doc_kill(par_queue varchar, par_subject varchar, out affected_rows integer)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select fetchq.end_document(par_queue, par_subject, 'kill')
$$;

comment on function fetchq.doc_kill(varchar, varchar) is 'An active document is never to be picked again.';
revoke execute on function fetchq.doc_kill(varchar, varchar) from public, anon, authenticated;
grant execute on function fetchq.doc_kill(varchar, varchar) to service_role;

create or replace function fetchq.doc_kill(par_queue varchar, par_subject varchar, par_payload jsonb, out affected_rows integer)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select fetchq.end_document(par_queue, par_subject, 'kill', par_payload)
$$;

comment on function fetchq.doc_kill(varchar, varchar, jsonb) is 'An active document is never to be picked again.';
revoke execute on function fetchq.doc_kill(varchar, varchar, jsonb) from public, anon, authenticated;
grant execute on function fetchq.doc_kill(varchar, varchar, jsonb) to service_role;
