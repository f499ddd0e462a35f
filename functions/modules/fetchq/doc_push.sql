-- doc_push: add a document, unless its subject is taken.
--
-- called by  users
-- writes     supaqueue.job
--
-- A subject is unique in its queue until its document is dropped. `queued_docs` is 0
-- when it is taken, or the queue is not there. Never picked before `par_nextiteration`;
-- a time that is over is now. The short forms: version 0, priority 0, now, {}.
--
-- Errors: SQ413 the document is too large, SQ422.

create or replace function fetchq.doc_push(
  par_queue varchar,
  par_subject varchar,
  par_version integer,
  par_priority integer,
  par_nextiteration timestamptz,
  par_payload jsonb,
  out queued_docs integer
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target supaqueue.queue;
  wanted supaqueue.job;
begin
  if not coalesce(length(par_subject) between 1 and 50, false) then
    raise exception using
      errcode = 'SQ422',
      message = 'the subject of a document has 1 to 50 characters',
      hint = 'Nothing was changed. A hash of it is shorter: md5(subject); doc_append makes one for you.';
  end if;
  queued_docs := 0;
  select * into target from supaqueue.queue where queue.id = fetchq.queue_of(par_queue);
  if target.id is null then
    return;
  end if;
  perform supaqueue_internal.assert_payload(target, par_payload);

  wanted.queue := target.id;
  wanted.dedupe_key := par_subject;
  wanted.version := coalesce(par_version, 0);
  wanted.priority := par_priority;
  wanted.run_at := fetchq.finite(par_nextiteration);
  wanted.payload := par_payload;
  select settled.enqueued::integer into queued_docs from supaqueue_internal.insert_job(wanted, 'skip') as settled;
end;
$$;

comment on function fetchq.doc_push(varchar, varchar, integer, integer, timestamptz, jsonb) is 'Adds a document, unless its subject is taken. Returns how many were added.';
revoke execute on function fetchq.doc_push(varchar, varchar, integer, integer, timestamptz, jsonb) from public, anon, authenticated;
grant execute on function fetchq.doc_push(varchar, varchar, integer, integer, timestamptz, jsonb) to service_role;

create or replace function fetchq.doc_push(par_queue varchar, par_subject varchar, out queued_docs integer)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select fetchq.doc_push(par_queue, par_subject, 0, 0, now(), '{}')
$$;

comment on function fetchq.doc_push(varchar, varchar) is 'Adds an empty document, unless its subject is taken. Returns how many were added.';
revoke execute on function fetchq.doc_push(varchar, varchar) from public, anon, authenticated;
grant execute on function fetchq.doc_push(varchar, varchar) to service_role;

create or replace function fetchq.doc_push(par_queue varchar, par_subject varchar, par_payload jsonb, out queued_docs integer)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select fetchq.doc_push(par_queue, par_subject, 0, 0, now(), par_payload)
$$;

comment on function fetchq.doc_push(varchar, varchar, jsonb) is 'Adds a document, unless its subject is taken. Returns how many were added.';
revoke execute on function fetchq.doc_push(varchar, varchar, jsonb) from public, anon, authenticated;
grant execute on function fetchq.doc_push(varchar, varchar, jsonb) to service_role;

create or replace function fetchq.doc_push(
  par_queue varchar,
  par_subject varchar,
  par_payload jsonb,
  par_nextiteration timestamptz,
  out queued_docs integer
)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select fetchq.doc_push(par_queue, par_subject, 0, 0, par_nextiteration, par_payload)
$$;

comment on function fetchq.doc_push(varchar, varchar, jsonb, timestamptz) is 'Adds a document for later, unless its subject is taken. Returns how many were added.';
revoke execute on function fetchq.doc_push(varchar, varchar, jsonb, timestamptz) from public, anon, authenticated;
grant execute on function fetchq.doc_push(varchar, varchar, jsonb, timestamptz) to service_role;
