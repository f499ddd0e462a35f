-- with_defaults: a new job whose nulls take the defaults of their columns.
--
-- Of rows with unlike keys, the Data API writes null where a key is missing. A null status in
-- such a row is most likely a key that is missing, so it is read as pending. Where nobody fills in
-- nulls it was written on purpose, and is read as held: in SQL, also that of triggers and of
-- functions that are called by RPC, and in a request that asks for defaults where a key is missing
-- (`Prefer: missing=default`).
-- The Data API tells of a request in settings of the transaction: its path is '/job' or the like.

create or replace function supaqueue_internal.with_defaults(job supaqueue.job)
returns supaqueue.job
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  may_be_missing constant boolean :=
    current_setting('request.path', true) ~ '^/(?!rpc/)'
    and coalesce(current_setting('request.headers', true) !~ '"prefer" ?: ?"[^"]*missing=default', true)
    and pg_trigger_depth() = 1;
begin
  job.status := coalesce(job.status, case when may_be_missing then 'pending' else 'held' end::supaqueue.job_status);
  job.created_at := coalesce(job.created_at, now());
  job.updated_at := coalesce(job.updated_at, now());
  job.payload := coalesce(job.payload, '{}');
  job.attempts := coalesce(job.attempts, 0);
  job.priority := coalesce(job.priority, 0);
  job.run_at := coalesce(job.run_at, now());
  job.deferrals := coalesce(job.deferrals, 0);
  job.lost_claims := coalesce(job.lost_claims, 0);
  job.repeats := coalesce(job.repeats, 0);
  job.waits_for := coalesce(job.waits_for, 0);
  job.has_targets := coalesce(job.has_targets, false);
  job.dedupe_pruned := coalesce(job.dedupe_pruned, false);
  return job;
end;
$$;

comment on function supaqueue_internal.with_defaults(supaqueue.job) is 'A new job whose nulls take the defaults of their columns.';
