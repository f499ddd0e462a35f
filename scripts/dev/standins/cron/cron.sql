-- The SQL side of pg_cron's stand-in: the relations, functions and rights of pg_cron 1.6 on Supabase. May run again.
-- scheduler.ts runs what is scheduled here.

create schema if not exists cron;

create sequence if not exists cron.jobid_seq;
create sequence if not exists cron.runid_seq;

create table if not exists cron.job (
  jobid bigint primary key default nextval('cron.jobid_seq'),
  schedule text not null,
  command text not null,
  nodename text not null default 'localhost',
  nodeport integer not null default inet_server_port(),
  database text not null default current_database(),
  username text not null default current_user,
  active boolean not null default true,
  jobname text,
  constraint jobname_username_uniq unique (jobname, username)
);

create table if not exists cron.job_run_details (
  jobid bigint,
  runid bigint primary key default nextval('cron.runid_seq'),
  job_pid integer,
  database text,
  username text,
  command text,
  status text,
  return_message text,
  start_time timestamptz,
  end_time timestamptz
);

alter table cron.job enable row level security;
alter table cron.job_run_details enable row level security;

drop policy if exists cron_job_policy on cron.job;
create policy cron_job_policy on cron.job using (username = current_user);
drop policy if exists cron_job_run_details_policy on cron.job_run_details;
create policy cron_job_run_details_policy on cron.job_run_details using (username = current_user);

-- Whether every part of one field of a five-field schedule is within its bounds.
create or replace function cron._is_field(field text, lowest integer, highest integer)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
-- Read by the settings of whoever calls, as the original is not.
set standard_conforming_strings = on
as $$
  select bool_and(
    part.text = '*'
    or part.text ~ '^\*/[1-9]\d?$'
    or (
      part.text ~ '^\d{1,2}(-\d{1,2}(/[1-9]\d?)?)?$'
      and split_part(split_part(part.text, '/', 1), '-', 1)::integer between lowest and highest
      and coalesce(nullif(split_part(split_part(part.text, '/', 1), '-', 2), '')::integer, highest)
        between split_part(split_part(part.text, '/', 1), '-', 1)::integer and highest
    )
  )
  from unnest(string_to_array(field, ',')) as part (text);
$$;

create or replace function cron._expect_schedule(schedule text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
-- Read by the settings of whoever calls, as the original is not.
set standard_conforming_strings = on
as $$
declare
  fields text[] := regexp_split_to_array(btrim(schedule), '\s+');
begin
  if btrim(schedule) ~ '^([1-9]|[1-5]\d)\s+seconds?$' then
    return;
  end if;

  if cardinality(fields) is distinct from 5
    or not cron._is_field(fields[1], 0, 59)
    or not cron._is_field(fields[2], 0, 23)
    or not cron._is_field(fields[3], 1, 31)
    or not cron._is_field(fields[4], 1, 12)
    or not cron._is_field(fields[5], 0, 7)
  then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('invalid schedule: %s', schedule),
      hint = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
  end if;
end
$$;

-- The inner functions write for users who may not write themselves. The outer ones hand them the caller's name, which
-- inside a function that runs as its owner can no longer be asked for.
-- Who says by hand that they are a superuser, and is none, would have jobs run as one.
create or replace function cron._expect_no_superuser(username text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from pg_roles as role where role.rolname = username and role.rolsuper)
    and not exists (select from pg_roles as role where role.rolname = session_user and role.rolsuper)
  then
    raise exception using
      errcode = 'insufficient_privilege',
      message = 'must be superuser to create a job for another role';
  end if;
end
$$;

create or replace function cron._schedule(
  job_name text,
  schedule text,
  command text,
  database text,
  username text,
  active boolean
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  scheduled_id bigint;
begin
  perform cron._expect_no_superuser(_schedule.username);
  perform cron._expect_schedule(_schedule.schedule);

  insert into cron.job (jobname, schedule, command, database, username, active)
  values (job_name, _schedule.schedule, _schedule.command, _schedule.database, _schedule.username, _schedule.active)
  on conflict on constraint jobname_username_uniq do update
  set
    schedule = excluded.schedule,
    command = excluded.command,
    database = excluded.database,
    active = excluded.active
  returning jobid into scheduled_id;

  return scheduled_id;
end
$$;

create or replace function cron._unschedule(job_id bigint, username text)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from cron.job
  where job.jobid = job_id
    and job.username = _unschedule.username;
  if not found then
    raise exception using message = format('could not find valid entry for job %s', job_id);
  end if;
  return true;
end
$$;

create or replace function cron._unschedule(job_name text, username text)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from cron.job
  where job.jobname = job_name
    and job.username = _unschedule.username;
  if not found then
    raise exception using message = format('could not find valid entry for job ''%s''', job_name);
  end if;
  return true;
end
$$;

create or replace function cron._alter_job(
  job_id bigint,
  schedule text,
  command text,
  database text,
  username text,
  active boolean,
  altering_user text
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform cron._expect_no_superuser(_alter_job.username);
  perform cron._expect_no_superuser(_alter_job.altering_user);
  if _alter_job.schedule is not null then
    perform cron._expect_schedule(_alter_job.schedule);
  end if;

  update cron.job
  set
    schedule = coalesce(_alter_job.schedule, job.schedule),
    command = coalesce(_alter_job.command, job.command),
    database = coalesce(_alter_job.database, job.database),
    username = coalesce(_alter_job.username, job.username),
    active = coalesce(_alter_job.active, job.active)
  where job.jobid = job_id
    and job.username = altering_user;
  if not found then
    raise exception using message = format('Job %s does not exist or you don''t own it', job_id);
  end if;
end
$$;

create or replace function cron.schedule(job_name text, schedule text, command text)
returns bigint
language sql
set search_path = pg_catalog, pg_temp
as $$
  select cron._schedule(job_name, schedule, command, current_database(), current_user, true);
$$;

create or replace function cron.schedule(schedule text, command text)
returns bigint
language sql
set search_path = pg_catalog, pg_temp
as $$
  select cron._schedule(null, schedule, command, current_database(), current_user, true);
$$;

create or replace function cron.schedule_in_database(
  job_name text,
  schedule text,
  command text,
  database text,
  username text default null,
  active boolean default true
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform cron._expect_may_name(schedule_in_database.username);
  return cron._schedule(job_name, schedule, command, database, coalesce(username, current_user), active);
end
$$;

create or replace function cron.unschedule(job_id bigint)
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  select cron._unschedule(job_id, current_user::text);
$$;

create or replace function cron.unschedule(job_name text)
returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  select cron._unschedule(job_name, current_user::text);
$$;

create or replace function cron.alter_job(
  job_id bigint,
  schedule text default null,
  command text default null,
  database text default null,
  username text default null,
  active boolean default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  perform cron._expect_may_name(alter_job.username);
  perform cron._alter_job(job_id, schedule, command, database, username, active, current_user::text);
end
$$;

create or replace function cron._expect_may_name(username text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if username <> current_user and not (select role.rolsuper from pg_roles as role where role.rolname = current_user) then
    raise exception using
      errcode = 'insufficient_privilege',
      message = 'must be superuser to create a job for another role';
  end if;
end
$$;

grant select on cron.job to public;
grant select, delete on cron.job_run_details to public;

revoke execute on all functions in schema cron from public;
grant usage on schema cron to postgres with grant option;
grant execute on all functions in schema cron to postgres with grant option;
grant all on cron.job_run_details, cron.jobid_seq, cron.runid_seq to postgres with grant option;
grant select on cron.job to postgres with grant option;
