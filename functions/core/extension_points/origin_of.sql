-- origin_of: where a job comes from, as its call says it.
--
-- An object of text values: each becomes a header supaqueue-<key>.

create or replace function supaqueue_internal.origin_of(job supaqueue.job)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select (origin_of.job).origin
$$;

comment on function supaqueue_internal.origin_of(supaqueue.job) is 'Where a job comes from, as its call says it.';
