-- Moves the supaqueue published in 2024 aside. Nothing of it is dropped. Its triggers are switched off: what they call
-- goes by the name of the schema, which is ours from here on.

do $$
begin
  if exists (
    select from pg_catalog.pg_proc as p
    where p.oid = pg_catalog.to_regprocedure('public.end_current_job(uuid, boolean, boolean)')
      and coalesce(pg_catalog.obj_description(p.oid, 'pg_proc'), '') !~ 'supaqueue'
  ) then
    alter function public.end_current_job(uuid, boolean, boolean) rename to end_current_job_2024;
  end if;
end
$$;

alter table supaqueue.queue disable trigger user;
alter table supaqueue.worker disable trigger user;
alter table supaqueue.job disable trigger user;
alter table supaqueue.current_job disable trigger user;
alter schema supaqueue rename to supaqueue_2024;

-- Its add-on for pipelines, where it was never added: empty.
create table if not exists supaqueue_2024.job_dependencies (
  created_at timestamptz not null default now(),
  source     uuid,
  target     uuid,
  primary key (source, target)
);
alter table supaqueue_2024.job_dependencies disable trigger user;
