-- count_due: how many jobs of a queue are due at a time, counted up to `most`.
--
-- called by  pair, answer, fall_asleep, sweep
-- reads      supaqueue.job, by its index of pending jobs; locks nothing
--
-- Costs the same however many jobs wait, are planned for later, or are done.

create or replace function supaqueue.count_due(queue uuid, at timestamptz, most integer default 1)
returns integer
language sql
stable
set search_path = ''
as $$
  with recursive
  priority_level(priority) as (
    (
      select job.priority
      from supaqueue.job
      where job.queue = count_due.queue and job.status = 'pending'
      order by job.priority desc
      limit 1
    )
    union all
    select (
      select job.priority
      from supaqueue.job
      where job.queue = count_due.queue and job.status = 'pending' and job.priority < priority_level.priority
      order by job.priority desc
      limit 1
    )
    from priority_level
    where priority_level.priority is not null
  )
  select count(*)::integer
  from (
    select
    from priority_level
    cross join lateral (
      select
      from supaqueue.job
      where job.queue = count_due.queue
        and job.status = 'pending'
        and job.priority = priority_level.priority
        and job.run_at <= count_due.at
      order by job.run_at, job.id
      limit count_due.most
    ) as due
    where priority_level.priority is not null
    limit count_due.most
  ) as counted
$$;

comment on function supaqueue.count_due(uuid, timestamptz, integer) is 'How many jobs of a queue are due at a time, counted up to a limit.';
revoke execute on function supaqueue.count_due(uuid, timestamptz, integer) from public, anon, authenticated;
grant execute on function supaqueue.count_due(uuid, timestamptz, integer) to service_role;
