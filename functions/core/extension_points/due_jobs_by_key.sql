-- due_jobs_by_key: which jobs come next in a queue that lets only so many jobs of one key run at once, or for a consumer that
-- knows one version of the payload only.
--
-- The same as in any other queue: the core asks for no key, and for no version.

create or replace function supaqueue_internal.due_jobs_by_key(
  queue uuid, at timestamptz, most integer, locking boolean, per_key integer, version integer
)
returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return supaqueue_internal.due_jobs(due_jobs_by_key.queue, due_jobs_by_key.at, due_jobs_by_key.most, due_jobs_by_key.locking);
end;
$$;

comment on function supaqueue_internal.due_jobs_by_key(uuid, timestamptz, integer, boolean, integer, integer) is 'Which jobs of a queue come next, of each key as many as it has room for.';
