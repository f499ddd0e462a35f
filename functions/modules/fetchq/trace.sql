-- trace: what became of a subject in every queue, and what was logged about it.
--
-- called by  users
-- reads      supaqueue.job, supaqueue.attempt
--
-- Type `document` is how it stands, `error` an attempt that did not succeed. `par_order`
-- is ASC or DESC, by step.

create or replace function fetchq.trace(par_subject varchar, par_order varchar)
returns table (step integer, created_at timestamptz, queue varchar, type varchar, info varchar, details jsonb)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  with
  document as (
    select place.name, job.*
    from supaqueue.queue as place
    cross join lateral supaqueue_internal.job_with_key(place.id, par_subject) as job
    where place.mode = 'pull' and job.id is not null
  ),
  entry as (
    select
      document.name, 0::bigint as place, document.created_at, 'document' as type,
      format(
        'status: %s; attempts: %s; iterations: %s',
        case
          when document.status = 'pending' and document.run_at > now() then 0
          when document.status = 'pending' then 1
          when document.status = 'in_progress' then 2
          when document.status = 'success' then 3
          when document.status = 'failed' then -1
        end,
        document.attempts, coalesce(document.state ->> 'iterations', '0')
      ) as info,
      supaqueue_internal.shown(to_jsonb(document)) as details
    from document
    union all
    select document.name, attempt.id, attempt.ended_at, 'error', attempt.error, to_jsonb(attempt)
    from document
    join supaqueue.attempt on attempt.job = document.id and attempt.outcome in ('failed', 'unknown')
  ),
  numbered as (
    select row_number() over (order by entry.name, entry.place)::integer as step, entry.* from entry
  )
  select
    numbered.step, numbered.created_at, numbered.name::varchar, numbered.type::varchar, numbered.info::varchar, numbered.details
  from numbered
  order by case when upper(par_order) = 'DESC' then - numbered.step else numbered.step end
$$;

comment on function fetchq.trace(varchar, varchar) is 'What became of a subject in every queue.';
revoke execute on function fetchq.trace(varchar, varchar) from public, anon, authenticated;
grant execute on function fetchq.trace(varchar, varchar) to service_role;

create or replace function fetchq.trace(par_subject varchar)
returns table (step integer, created_at timestamptz, queue varchar, type varchar, info varchar, details jsonb)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select * from fetchq.trace(par_subject, 'ASC')
$$;

comment on function fetchq.trace(varchar) is 'What became of a subject in every queue.';
revoke execute on function fetchq.trace(varchar) from public, anon, authenticated;
grant execute on function fetchq.trace(varchar) to service_role;
