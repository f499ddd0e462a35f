-- doc_append: add a document with a subject of its own.
--
-- called by  users
-- writes     supaqueue.job
--
-- Returns the subject; null when the queue is not there. The short form: version 0,
-- priority 0. Errors: SQ413 the document is too large.

create or replace function fetchq.doc_append(
  par_queue varchar,
  par_payload jsonb,
  par_version integer,
  par_priority integer,
  out subject varchar
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  made constant varchar := gen_random_uuid();
begin
  if fetchq.doc_push(par_queue, made, par_version, par_priority, now(), par_payload) = 1 then
    subject := made;
  end if;
end;
$$;

comment on function fetchq.doc_append(varchar, jsonb, integer, integer) is 'Adds a document, and returns the subject that was made for it.';
revoke execute on function fetchq.doc_append(varchar, jsonb, integer, integer) from public, anon, authenticated;
grant execute on function fetchq.doc_append(varchar, jsonb, integer, integer) to service_role;

create or replace function fetchq.doc_append(par_queue varchar, par_payload jsonb, out subject varchar)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select fetchq.doc_append(par_queue, par_payload, 0, 0)
$$;

comment on function fetchq.doc_append(varchar, jsonb) is 'Adds a document, and returns the subject that was made for it.';
revoke execute on function fetchq.doc_append(varchar, jsonb) from public, anon, authenticated;
grant execute on function fetchq.doc_append(varchar, jsonb) to service_role;
