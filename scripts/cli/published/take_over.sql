-- Takes queues, workers, waiting jobs and their dependencies over from the supaqueue published in 2024, which was moved
-- aside. Queues and workers keep their ids, jobs get a number: supaqueue_2024.moved says which.
--
-- A job without a status was held by its user, and is. One in progress, of which nobody knows what became, waits again. One
-- that has failed comes along, as failed, where others wait for it. All others stay where they are.

create table supaqueue_2024.moved (
  job uuid primary key,
  id  bigint not null unique
);

comment on table supaqueue_2024.moved is 'Which number a job has in the new supaqueue.';

alter table supaqueue_2024.moved enable row level security;
revoke all on supaqueue_2024.moved from public, anon, authenticated;

-- A name that two queues have keeps its first one; the others are told apart by their id.
insert into supaqueue.queue (id, created_at, name, edge_function_name, default_headers, payload_max_bytes)
select named.id, named.created_at,
  case
    when named.place = 1 and not exists (select from supaqueue.queue where queue.name = named.name) then named.name
    else named.name || '-' || left(named.id::text, 8)
  end,
  named.edge_function_name,
  coalesce((
    select jsonb_object_agg(header.key, header.value #>> '{}')
    from jsonb_each(case when jsonb_typeof(named.default_headers) = 'object' then named.default_headers else '{}' end) as header
    where header.value <> 'null'
  ), '{}'),
  -- What is there already is let through.
  greatest(1048576, (
    select max(octet_length(job.payload::text)) from supaqueue_2024.job where job.queue = named.id and job.status is distinct from 'success'
  ))
from (
  select given.*, row_number() over (partition by given.name order by given.created_at, given.id) as place
  from (
    select old.id, old.created_at, old.edge_function_name, to_jsonb(old) -> 'default_headers' as default_headers,
      coalesce(nullif(to_jsonb(old) ->> 'name', ''), old.edge_function_name) as name
    from supaqueue_2024.queue as old
  ) as given
) as named
on conflict (id) do nothing;

insert into supaqueue.worker (id, created_at, queue)
select old.id, old.created_at, old.queue
from supaqueue_2024.worker as old
on conflict (id) do nothing;

-- What comes along, with numbers in the order in which the published one begins them. It begins no job that was begun
-- three times.
insert into supaqueue_2024.moved (job, id)
select ordered.id, nextval(pg_get_serial_sequence('supaqueue.job', 'id'))
from (
  select old.id
  from supaqueue_2024.job as old
  where old.status is null or old.status in ('pending', 'in_progress')
    or old.status = 'failed' and exists (
      select
      from supaqueue_2024.job_dependencies as dependency
      join supaqueue_2024.job as target on target.id = dependency.target
      where dependency.source = old.id and (target.status is null or target.status in ('pending', 'in_progress'))
    )
  order by old.updated_at, old.created_at, old.id
) as ordered;

insert into supaqueue.job (id, created_at, updated_at, queue, payload, status, attempts, run_at, finished_at, error)
overriding system value
select moved.id, old.created_at, old.updated_at, old.queue, coalesce(old.payload, '{}'),
  case when has.failed then 'failed' when old.status is null then 'held' else 'pending' end::supaqueue.job_status,
  case when has.failed then old.attempts else least(old.attempts, 2) end,
  least(old.updated_at, now()),
  case when has.failed then now() end,
  case when has.failed then 'It had failed before it was taken over from the supaqueue published in 2024.' end
from supaqueue_2024.moved
join supaqueue_2024.job as old on old.id = moved.job
cross join lateral (
  select coalesce(old.status = 'failed' or old.status = 'pending' and old.attempts >= 3, false) as failed
) as has
order by moved.id;

-- A source that succeeded has no row there any more. One that fails leaves its target waiting, until its user decides.
insert into supaqueue.job_dependency (source, target, created_at, on_failure)
select source.id, target.id, dependency.created_at, 'hold'
from supaqueue_2024.job_dependencies as dependency
join supaqueue_2024.moved as source on source.job = dependency.source
join supaqueue_2024.moved as target on target.job = dependency.target
join supaqueue.job on job.id = target.id and job.status in ('held', 'pending')
order by source.id, target.id
on conflict do nothing;
