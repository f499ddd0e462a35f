-- health: all that dispatch knows about itself, in one place.
--
-- called by  users, status, doctor, the console
-- reads      what its parts read; locks nothing, sends nothing, shows no secret
--
-- {ok, at, findings, wake_ups, runs, processes, secret, sweep, chores, net}. `findings` is what somebody should know, errors
-- first: {code, severity, text, remedy, since, queue}; `remedy` is the one statement or command that fixes it. `ok` is
-- whether there is no error and no warning among them. docs/reference/health.md lists the codes. What it
-- costs does not grow with how many jobs there are.

create or replace function supaqueue.health()
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  platform constant jsonb := supaqueue_internal.platform_state();
  state constant supaqueue.dispatch := supaqueue_internal.dispatch_state();
  dispatch_found constant jsonb := supaqueue_internal.dispatch_faults(platform);
  queues_found jsonb := supaqueue_internal.queue_faults() || supaqueue_internal.rate_faults() || supaqueue_internal.line_faults();
  listed jsonb;
begin
  -- Queues that stand still because nothing is begun anywhere are no findings of their own.
  if dispatch_found @> '[{"severity": "error"}]' then
    queues_found := jsonb_path_query_array(queues_found, '$[*] ? (@.code != "stands_still")');
  end if;
  listed := (
    select coalesce(jsonb_agg(entry.value order by array_position('{error,warning,info}', entry.value ->> 'severity'), entry.place), '[]')
    from jsonb_array_elements(
      dispatch_found || supaqueue_internal.process_faults() || supaqueue_internal.sweep_faults(platform) || supaqueue_internal.table_faults()
        || supaqueue_internal.snapshot_faults() || queues_found || supaqueue_internal.hook_faults()
    ) with ordinality as entry (value, place)
  );

  return jsonb_build_object(
    'ok', not (listed @> '[{"severity": "error"}]' or listed @> '[{"severity": "warning"}]'),
    'at', at,
    'findings', listed,
    'wake_ups', jsonb_build_object(
      'accepted_at', state.accepted_at, 'refused_at', state.refused_at, 'refused_since', state.refused_since,
      'refusals', state.refusals, 'status', state.status, 'code', state.code, 'message', state.message, 'hint', state.hint,
      'unanswered', (select count(*) from (select from supaqueue.wake_up limit 10000) as sent),
      'functions_url', (select setting.value from supaqueue.setting where setting.name = 'functions_url')
    ),
    'runs', jsonb_build_object(
      'last_run', state.run, 'last_run_at', state.run_at,
      'last_turn_at', (select greatest(max(heartbeat.turned_at), state.run_at) from supaqueue.heartbeat),
      'awake', (select count(*) from supaqueue.heartbeat where heartbeat.run is not null and heartbeat.awake_until > at)
    ),
    'processes', supaqueue_internal.process_states(),
    'secret', jsonb_build_object(
      'vault', platform #> '{vault,fingerprint}', 'vault_changed_at', platform #> '{vault,changed_at}',
      'functions', state.fingerprints, 'functions_seen_at', state.run_at,
      'same', state.fingerprints @> array[platform #>> '{vault,fingerprint}']
    ),
    'sweep', (
      select to_jsonb(last_sweep) - 'only_one' from supaqueue.last_sweep
    ) || (platform -> 'cron'),
    'chores', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'name', chore.name, 'last_at', chore.last_at, 'last_ok_at', chore.last_ok_at, 'ms', chore.last_ms,
        'failures', chore.failures, 'code', chore.code, 'error', chore.error, 'next_try_at', nullif(chore.next_try_at, '-infinity')
      ) order by chore.place, chore.name), '[]')
      from supaqueue.chore
    ),
    'net', platform -> 'net'
  );
end;
$$;

comment on function supaqueue.health() is 'What is wrong with dispatch, since when, and the one statement or command that fixes it.';
