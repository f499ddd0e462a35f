-- serve_process: a process that stays says that it lives, and which queues it serves.
--
-- writes     supaqueue.process, what is_own_project writes, and, where it is asked to, what the sweep writes
--
-- What goes in:
--   process    its id, made when it began
--   name       where it runs, for people
--   queues     names of the queues that it serves; null for all
--   functions  whether it has a key to call edge functions with
--   project    the address of the project that it is in
--   hello      it has just begun to listen: which queues wait for a run?
--   sweep      it sweeps, since nobody else has
--   stop       it serves nothing from now on
--
-- What comes out:
--   home       whether it may have jobs; false for a copy of another's project
--   wake       ids of queues that need a run, with hello, and as long as no commit may tell it of them
--   sweep      whether nobody has swept for too long
--
-- The lease is as long as a heartbeat. A sweep comes every ten seconds where pg_cron is there: who finds that none came for
-- longer asks to sweep by a request of its own, which need not hurry.

create or replace function supaqueue_internal.serve_process(request jsonb)
returns json
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  me constant uuid := (serve_process.request ->> 'process')::uuid;
  served constant text[] := case when jsonb_typeof(serve_process.request -> 'queues') = 'array'
    then array(select jsonb_array_elements_text(serve_process.request -> 'queues')) end;
  calls_functions constant boolean := coalesce((serve_process.request ->> 'functions')::boolean, false);
  hello constant boolean := coalesce((serve_process.request ->> 'hello')::boolean, false);
  is_home boolean;
  waiting uuid[] := '{}';
begin
  if (serve_process.request ->> 'stop')::boolean then
    delete from supaqueue.process where process.id = me;
    return json_build_object('home', true, 'wake', waiting, 'sweep', false);
  end if;

  is_home := supaqueue_internal.is_own_project(serve_process.request ->> 'project');
  if not is_home then
    return json_build_object('home', false, 'wake', waiting, 'sweep', false);
  end if;

  -- And nothing else: it may have stopped before a sweep is over.
  if (serve_process.request ->> 'sweep')::boolean then
    perform supaqueue.sweep();
    return json_build_object('home', true, 'wake', waiting, 'sweep', false);
  end if;

  insert into supaqueue.process (id, name, queues, functions, lease_until)
  values (me, left(coalesce(serve_process.request ->> 'name', ''), 50), served, calls_functions, clock_timestamp() + interval '5 seconds')
  on conflict on constraint process_pkey do update
  set queues = excluded.queues, functions = excluded.functions, lease_until = excluded.lease_until;

  if hello then
    delete from supaqueue.process where process.lease_until not between at - interval '1 hour' and at + interval '1 hour';
  end if;

  if hello or not supaqueue_internal.may_notify() then
    waiting := array(
      select candidate.id
      from supaqueue.queue as candidate
      where (served is null or candidate.name = any (served))
        and (calls_functions or candidate.url is not null)
        -- What is cheap comes first: most queues have nothing at all.
        and (
          exists (select from supaqueue.job where job.queue = candidate.id and job.status = 'pending')
          or exists (select from supaqueue.current_job where current_job.queue = candidate.id and current_job.dispatcher is null)
        )
        and supaqueue_internal.needs_run(candidate)
    );
  end if;

  return json_build_object(
    'home', true,
    'wake', waiting,
    'sweep', not exists (
      select from supaqueue.last_sweep
      where last_sweep.swept_at between at - interval '12 seconds' and at + interval '1 minute'
    )
  );
end;
$$;

comment on function supaqueue_internal.serve_process(jsonb) is 'A process that stays says that it lives, and which queues it serves. Returns which of them need a run.';
