/** What the supaqueue published in 2024 leaves in a database: its tables, its type, its function in `public`; a job at work. */
export const PUBLISHED = `
  create schema supaqueue;
  create type supaqueue.job_status as enum ('pending', 'in_progress', 'success', 'failed');
  create table supaqueue.queue (
    id uuid primary key default gen_random_uuid(), created_at timestamptz not null default now(),
    edge_function_name text not null, default_headers jsonb default '{}', name text default ''
  );
  create table supaqueue.worker (
    id uuid primary key default gen_random_uuid(), created_at timestamptz not null default now(),
    locked boolean not null default false,
    queue uuid not null references supaqueue.queue on update cascade on delete cascade
  );
  create table supaqueue.job (
    id uuid primary key default gen_random_uuid(), created_at timestamptz not null default now(),
    queue uuid not null references supaqueue.queue on update cascade on delete cascade,
    payload jsonb default '{}', attempts integer not null default 0,
    status supaqueue.job_status default 'pending', updated_at timestamptz not null default now()
  );
  create table supaqueue.current_job (
    id uuid primary key default gen_random_uuid(), created_at timestamptz not null default now(),
    worker uuid not null unique references supaqueue.worker, job uuid not null unique references supaqueue.job,
    is_complete boolean not null default false, is_successful boolean
  );
  create function public.end_current_job(cur_job_id uuid, _is_complete boolean, _is_successful boolean) returns void
  language sql as $$
    update supaqueue.current_job set is_complete = _is_complete, is_successful = _is_successful where id = cur_job_id
  $$;
  insert into supaqueue.queue (edge_function_name) values ('mine');
  insert into supaqueue.worker (queue, locked) select id, true from supaqueue.queue;
  insert into supaqueue.job (queue, status) select id, 'in_progress' from supaqueue.queue;
  insert into supaqueue.current_job (worker, job) select worker.id, job.id from supaqueue.worker, supaqueue.job;`

/** Its add-on for pipelines. */
export const PUBLISHED_DEPENDENCIES = `
  create table supaqueue.job_dependencies (
    created_at timestamptz not null default now(),
    source uuid references supaqueue.job on delete cascade, target uuid references supaqueue.job on delete cascade,
    primary key (source, target)
  );`

/**
 * What sets it to work: pending jobs are begun by free workers, and a report frees the worker, which looks for more. In place
 * of a call over HTTP, whoever plays its dispatcher reports.
 */
export const PUBLISHED_AT_WORK = `
  create function supaqueue.process_jobs() returns void language plpgsql as $$
  declare
    free record;
    next uuid;
  begin
    for free in select id, queue from supaqueue.worker where not locked for update skip locked loop
      select id into next from supaqueue.job
      where job.queue = free.queue and status = 'pending' and attempts < 3
      order by updated_at limit 1 for update skip locked;
      if found then
        update supaqueue.worker set locked = true where id = free.id;
        update supaqueue.job set status = 'in_progress', attempts = attempts + 1 where id = next;
        insert into supaqueue.current_job (worker, job) values (free.id, next);
      end if;
    end loop;
  end $$;
  create function supaqueue.after_insert_job_tg_fn() returns trigger language plpgsql as $$
  begin
    perform supaqueue.process_jobs();
    return new;
  end $$;
  create trigger after_insert_job_tg after insert on supaqueue.job for each row execute function supaqueue.after_insert_job_tg_fn();
  create function supaqueue.after_update_current_job_tg_fn() returns trigger language plpgsql as $$
  begin
    update supaqueue.job
    set updated_at = now(), status = case when new.is_successful then 'success' when attempts < 3 then 'pending' else 'failed' end::supaqueue.job_status
    where id = new.job;
    update supaqueue.worker set locked = false where id = new.worker;
    return new;
  end $$;
  create trigger after_update_current_job_tg after update on supaqueue.current_job
    for each row when (new.is_complete) execute function supaqueue.after_update_current_job_tg_fn();
  create function supaqueue.after_update_worker_tg_fn() returns trigger language plpgsql as $$
  begin
    delete from supaqueue.current_job where worker = new.id;
    perform supaqueue.process_jobs();
    return new;
  end $$;
  create trigger after_update_worker_tg after update of locked on supaqueue.worker
    for each row when (old.locked and not new.locked) execute function supaqueue.after_update_worker_tg_fn();`
