-- origin_of: where a job comes from, as its call says it. In place of the default of the core: which columns an update
-- changed is worked out here, so that the write need not.

create or replace function supaqueue_internal.origin_of(job supaqueue.job)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when not job.origin ? 'hook' or job.origin ? 'hook-changed' or job.payload ->> 'type' is distinct from 'UPDATE'
      or coalesce(job.origin ->> 'hook-payload', 'changes') <> 'changes'
      or jsonb_typeof(job.payload -> 'record') is distinct from 'object' or jsonb_typeof(job.payload -> 'old_record') is distinct from 'object'
      then job.origin
    -- What a header may have at most.
    else job.origin || jsonb_strip_nulls(jsonb_build_object('hook-changed', (
      select case when sum(octet_length(field.key) + 1) <= 4000 then string_agg(field.key, ',') end
      from jsonb_each(job.payload -> 'old_record') as field
      where field.value is distinct from job.payload -> 'record' -> field.key
    )))
  end
$$;

comment on function supaqueue_internal.origin_of(supaqueue.job) is 'Where a job comes from, as its call says it.';
