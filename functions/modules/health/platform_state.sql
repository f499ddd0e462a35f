-- platform_state: what the extensions say about dispatch: the secret in Vault, the line and the worker of pg_net, the cron job.
--
-- reads      vault, net, cron, pg_stat_activity, as far as they are there; no secret is in what it returns
--
-- {vault: {there, fingerprint, changed_at}, net: {there, worker, waiting, others, fault, drop}, cron: {there, scheduled,
-- active, schedule, job, last_status, last_message}}. `worker` is null when the owner may not look at other sessions.
-- Of pg_cron's history the last thousand runs are looked at, by their index.
--
-- Security definer: service_role may look into neither Vault nor the jobs of pg_cron everywhere.

create or replace function supaqueue_internal.platform_state()
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  vault jsonb := '{"there": false}';
  net jsonb := '{"there": false}';
  cron jsonb := '{"there": false}';
  ours record;
  last record;
  line record;
  planted record;
begin
  if to_regclass('vault.secrets') is not null then
    select secrets.updated_at into ours from vault.secrets where secrets.name = 'supaqueue_secret';
    vault := jsonb_build_object(
      'there', true, 'named', found, 'changed_at', ours.updated_at, 'fingerprint', supaqueue_internal.secret_fingerprint()
    );
  end if;

  if to_regclass('net.http_request_queue') is not null then
    select count(*) as waiting, count(*) filter (where request.url not like '%/supaqueue') as others into line
    from (select http_request_queue.url from net.http_request_queue limit 10000) as request;
    select format('drop function %s cascade; /* as the role %I */', pg_proc.oid::regprocedure, pg_get_userbyid(pg_proc.proowner)) as statement
    into planted
    from pg_trigger join pg_proc on pg_proc.oid = pg_trigger.tgfoid
    where pg_trigger.tgrelid = to_regclass('net.http_request_queue')
    order by pg_trigger.tgname
    limit 1;
    net := jsonb_build_object(
      'there', true, 'waiting', line.waiting, 'others', line.others,
      'fault', supaqueue_internal.net_fault(), 'drop', planted.statement,
      'worker', case
        when exists (
          select from pg_stat_activity
          where pg_stat_activity.datname = current_database()
            and (pg_stat_activity.backend_type ilike 'pg_net%' or pg_stat_activity.application_name ilike 'pg_net%')
        ) then true
        when pg_has_role(current_user, 'pg_read_all_stats', 'usage') then false
      end
    );
  end if;

  if to_regclass('cron.job') is not null and has_schema_privilege(to_regnamespace('cron'), 'usage') then
    select job.jobid, job.active, job.schedule into ours from cron.job where job.jobname = 'supaqueue_sweep' limit 1;
    cron := jsonb_build_object('there', true, 'scheduled', found, 'active', ours.active, 'schedule', ours.schedule, 'job', ours.jobid);
    if found and has_table_privilege(to_regclass('cron.job_run_details'), 'select') then
      select run.status, run.return_message, run.start_time into last
      from (select * from cron.job_run_details order by job_run_details.runid desc limit 1000) as run
      where run.jobid = ours.jobid and run.status in ('succeeded', 'failed')
      order by run.runid desc
      limit 1;
      cron := cron || jsonb_build_object('last_status', last.status, 'last_message', left(last.return_message, 500), 'last_at', last.start_time);
    end if;
  end if;
  return jsonb_build_object('vault', vault, 'net', net, 'cron', cron);
end;
$$;

comment on function supaqueue_internal.platform_state() is 'What Vault, pg_net and pg_cron say about dispatch, without any secret.';
