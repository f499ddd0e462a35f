-- The yardstick: a queue that works as the published supaqueue is described to work. One request by pg_net for each
-- job, carrying the job; the edge function awaits the call and reports by RPC; triggers for every row. Written for the
-- comparison only: it has no lease, and one secret for everything.

create schema yardstick;
grant usage on schema yardstick to service_role;

create table yardstick.secret (functions_url text not null, secret text not null);

create table yardstick.queue (
  id                 uuid primary key default gen_random_uuid(),
  edge_function_name text not null,
  default_headers    jsonb not null default '{}'
);

create table yardstick.worker (
  id     uuid primary key default gen_random_uuid(),
  queue  uuid not null references yardstick.queue on delete cascade,
  locked boolean not null default false
);

create table yardstick.job (
  id         uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  queue      uuid not null references yardstick.queue on delete cascade,
  payload    jsonb not null default '{}',
  attempts   integer not null default 0,
  status     text default 'pending'
);

create table yardstick.current_job (
  id            uuid primary key default gen_random_uuid(),
  worker        uuid not null unique references yardstick.worker,
  job           uuid not null unique references yardstick.job,
  is_complete   boolean not null default false,
  is_successful boolean
);

grant all on all tables in schema yardstick to service_role;

-- Every unlocked worker gets the pending job of its queue that was touched longest ago.
create function yardstick.process_jobs() returns void language plpgsql as $$
declare
  free_worker yardstick.worker;
  next_job uuid;
begin
  for free_worker in select * from yardstick.worker where not locked for update skip locked loop
    select id into next_job
    from yardstick.job
    where queue = free_worker.queue and status = 'pending' and attempts < 3
    order by updated_at
    limit 1
    for update skip locked;
    continue when next_job is null;

    update yardstick.worker set locked = true where id = free_worker.id;
    update yardstick.job set status = 'in_progress', attempts = attempts + 1 where id = next_job;
    insert into yardstick.current_job (worker, job) values (free_worker.id, next_job);
  end loop;
end
$$;

create function yardstick.on_job_inserted() returns trigger language plpgsql as $$
begin
  perform yardstick.process_jobs();
  return null;
end
$$;
create trigger on_job_inserted after insert on yardstick.job
  for each row execute function yardstick.on_job_inserted();

create function yardstick.on_job_updated() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end
$$;
create trigger on_job_updated before update on yardstick.job
  for each row execute function yardstick.on_job_updated();

-- The request carries three whole records.
create function yardstick.on_current_job_inserted() returns trigger language plpgsql as $$
declare
  known yardstick.secret;
begin
  select * into known from yardstick.secret;
  perform net.http_post(
    url := known.functions_url || '/yardstick',
    body := (
      select jsonb_build_object('current_job', to_jsonb(new), 'job', to_jsonb(called), 'queue', to_jsonb(its_queue))
      from yardstick.job as called join yardstick.queue as its_queue on its_queue.id = called.queue
      where called.id = new.job
    ),
    headers := jsonb_build_object('Content-Type', 'application/json', 'supaqueue-secret', known.secret)
  );
  return null;
end
$$;
create trigger on_current_job_inserted after insert on yardstick.current_job
  for each row execute function yardstick.on_current_job_inserted();

create function yardstick.on_current_job_completed() returns trigger language plpgsql as $$
begin
  update yardstick.job
  set status = case when new.is_successful then 'success' when attempts < 3 then 'pending' else 'failed' end
  where id = new.job;
  update yardstick.worker set locked = false where id = new.worker;
  return null;
end
$$;
create trigger on_current_job_completed after update on yardstick.current_job
  for each row when (new.is_complete) execute function yardstick.on_current_job_completed();

create function yardstick.on_worker_unlocked() returns trigger language plpgsql as $$
begin
  delete from yardstick.current_job where worker = new.id;
  perform yardstick.process_jobs();
  return null;
end
$$;
create trigger on_worker_unlocked after update of locked on yardstick.worker
  for each row when (old.locked and not new.locked) execute function yardstick.on_worker_unlocked();

create function public.yardstick_end_current_job(cur_job_id uuid, _is_complete boolean, _is_successful boolean)
returns void language sql security definer as $$
  update yardstick.current_job set is_complete = _is_complete, is_successful = _is_successful where id = cur_job_id
$$;
revoke execute on function public.yardstick_end_current_job from public, anon, authenticated;
grant execute on function public.yardstick_end_current_job to service_role;
