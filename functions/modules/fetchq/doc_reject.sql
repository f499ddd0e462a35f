-- doc_reject: an active document failed: try again.
--
-- called by  users
-- writes     what ensure_run writes; supaqueue.attempt
--
-- It is pending again, after the wait that its queue has between attempts; or killed,
-- when it was its last one. The message is written down in supaqueue.attempt as the
-- error, details and reference as the head. Returns 0 when the document is not active.
-- Details that would unfold are not written down; why not is.

create or replace function fetchq.doc_reject(
  par_queue varchar,
  par_subject varchar,
  par_message varchar,
  par_details jsonb,
  par_refid varchar,
  out affected_rows integer
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  affected_rows := fetchq.end_document(par_queue, par_subject, 'reject', message => par_message);
  if affected_rows > 0 then
    update supaqueue.attempt
    set head = supaqueue_internal.excerpt(
      jsonb_strip_nulls(jsonb_build_object('details', supaqueue_internal.shown(par_details), 'ref_id', left(par_refid, 500))), 1000
    )
    where attempt.id = (
      select max(latest.id)
      from supaqueue.attempt as latest
      join supaqueue.job on job.id = latest.job
      where job.queue = fetchq.queue_of(par_queue) and job.dedupe_key = par_subject and job.dedupe_pruned
    );
  end if;
end;
$$;

comment on function fetchq.doc_reject(varchar, varchar, varchar, jsonb, varchar) is 'An active document failed: it is tried again, or killed when it was the last attempt.';
revoke execute on function fetchq.doc_reject(varchar, varchar, varchar, jsonb, varchar) from public, anon, authenticated;
grant execute on function fetchq.doc_reject(varchar, varchar, varchar, jsonb, varchar) to service_role;

create or replace function fetchq.doc_reject(
  par_queue varchar,
  par_subject varchar,
  par_message varchar,
  par_details jsonb,
  out affected_rows integer
)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select fetchq.doc_reject(par_queue, par_subject, par_message, par_details, null)
$$;

comment on function fetchq.doc_reject(varchar, varchar, varchar, jsonb) is 'An active document failed: it is tried again, or killed when it was the last attempt.';
revoke execute on function fetchq.doc_reject(varchar, varchar, varchar, jsonb) from public, anon, authenticated;
grant execute on function fetchq.doc_reject(varchar, varchar, varchar, jsonb) to service_role;
