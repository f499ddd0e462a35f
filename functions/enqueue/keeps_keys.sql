-- keeps_keys: whether the dedupe_key of a job stays taken until the job is pruned, or
-- only until it is finished.
--
-- called by  on_job_inserted, on_job_keyed
-- reads      supaqueue.queue

create or replace function supaqueue.keeps_keys(queue uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select from supaqueue.queue where queue.id = keeps_keys.queue and queue.dedupe_until = 'pruned'
  );
$$;

comment on function supaqueue.keeps_keys(uuid) is 'Whether a dedupe_key of the queue stays taken until its job is pruned.';
revoke execute on function supaqueue.keeps_keys(uuid) from public, anon, authenticated;
grant execute on function supaqueue.keeps_keys(uuid) to service_role;
