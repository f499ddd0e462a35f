-- reserve_job_ids: ids for so many new jobs, ascending; nobody else gets them.
--
-- So that jobs may be inserted in the order of their dedupe_keys, and still run in
-- the order in which they were given.
-- Security definer: whoever may insert jobs may not use their sequence.

create or replace function supaqueue_internal.reserve_job_ids(most integer)
returns bigint[]
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select array(
    select nextval(pg_get_serial_sequence('supaqueue.job', 'id')) from generate_series(1, reserve_job_ids.most)
  )
$$;

comment on function supaqueue_internal.reserve_job_ids(integer) is 'Ids for so many new jobs, ascending.';
