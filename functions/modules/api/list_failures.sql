-- list_failures: what the jobs of a queue failed of, the most frequent first.
--
-- reads      supaqueue.failures
--
-- Returns {failures}, a hundred fingerprints at most. Error: SQ404.

create or replace function supaqueue_internal.list_failures(queue text)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant supaqueue.queue := supaqueue_internal.find_queue(list_failures.queue);
begin
  return jsonb_build_object('failures', coalesce((
    select jsonb_agg(jsonb_build_object(
      'fingerprint', top.fingerprint, 'jobs', top.jobs, 'first_seen', top.first_seen, 'last_seen', top.last_seen,
      'example_job', top.example_job, 'example_error', top.example_error
    ) order by top.jobs desc, top.fingerprint)
    from (
      select * from supaqueue.failures
      where failures.queue = target.id
      order by failures.jobs desc, failures.fingerprint
      limit 100
    ) as top
  ), '[]'));
end;
$$;

comment on function supaqueue_internal.list_failures(text) is 'What the jobs of a queue failed of, the most frequent first.';
