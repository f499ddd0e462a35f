-- free_keys: the dedupe_keys of jobs that begin are free for others from now on.
--
-- writes     supaqueue.job
--
-- For good: a job that is tried again takes its key from nobody. What it was stays in begun_key. A key that its job got
-- under dedupe_until pruned stays taken, as the queue said then.

create or replace function supaqueue_internal.free_keys(jobs bigint[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update supaqueue.job
  set begun_key = job.dedupe_key, dedupe_key = null
  where job.id = any (free_keys.jobs) and job.dedupe_key is not null and not job.dedupe_pruned;
end;
$$;

comment on function supaqueue_internal.free_keys(bigint[]) is 'The dedupe_keys of jobs that begin are free for others from now on.';
