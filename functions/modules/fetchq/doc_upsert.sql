-- doc_upsert: add a document, or write over the one that has its subject.
--
-- called by  users
-- writes     supaqueue.job
--
-- Of one that is there it writes the priority, the time and the document; an active one
-- is not touched. Returns how many were added, and how many were written over.
-- Errors: SQ413 the document is too large, SQ422.

create or replace function fetchq.doc_upsert(
  par_queue varchar,
  par_subject varchar,
  par_version integer,
  par_priority integer,
  par_nextiteration timestamptz,
  par_payload jsonb,
  out queued_docs integer,
  out updated_docs integer
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  queued_docs := fetchq.doc_push(par_queue, par_subject, par_version, par_priority, par_nextiteration, par_payload);
  updated_docs := 0;
  if queued_docs = 0 then
    update supaqueue.job
    set
      priority = coalesce(par_priority, 0),
      run_at = fetchq.finite(par_nextiteration),
      payload = coalesce(par_payload, '{}')
    where job.queue = fetchq.queue_of(par_queue)
      and job.dedupe_key = par_subject
      and job.dedupe_pruned
      and job.status <> 'in_progress';
    get diagnostics updated_docs := row_count;
  end if;
end;
$$;

comment on function fetchq.doc_upsert(varchar, varchar, integer, integer, timestamptz, jsonb) is 'Adds a document, or writes over the one that has its subject.';
revoke execute on function fetchq.doc_upsert(varchar, varchar, integer, integer, timestamptz, jsonb) from public, anon, authenticated;
grant execute on function fetchq.doc_upsert(varchar, varchar, integer, integer, timestamptz, jsonb) to service_role;
