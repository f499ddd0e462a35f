-- doc_reschedule: an active document is to be picked again, not before a time.
--
-- called by  users
-- writes     what ensure_run writes
--
-- Its attempts begin anew. Returns 0 when the document is not active. `par_payload`
-- takes the place of the document.

create or replace function fetchq.doc_reschedule(
  par_queue varchar,
  par_subject varchar,
  par_nextiteration timestamptz,
  out affected_rows integer
)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select fetchq.end_document(par_queue, par_subject, 'reschedule', at => fetchq.finite(par_nextiteration))
$$;

comment on function fetchq.doc_reschedule(varchar, varchar, timestamptz) is 'An active document is to be picked again, not before a time.';
revoke execute on function fetchq.doc_reschedule(varchar, varchar, timestamptz) from public, anon, authenticated;
grant execute on function fetchq.doc_reschedule(varchar, varchar, timestamptz) to service_role;

create or replace function fetchq.doc_reschedule(
  par_queue varchar,
  par_subject varchar,
  par_nextiteration timestamptz,
  par_payload jsonb,
  out affected_rows integer
)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select fetchq.end_document(par_queue, par_subject, 'reschedule', par_payload, at => fetchq.finite(par_nextiteration))
$$;

comment on function fetchq.doc_reschedule(varchar, varchar, timestamptz, jsonb) is 'An active document is to be picked again, not before a time.';
revoke execute on function fetchq.doc_reschedule(varchar, varchar, timestamptz, jsonb) from public, anon, authenticated;
grant execute on function fetchq.doc_reschedule(varchar, varchar, timestamptz, jsonb) to service_role;
