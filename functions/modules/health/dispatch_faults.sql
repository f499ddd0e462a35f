-- dispatch_faults: why no job of any queue is begun.
--
-- reads      what dispatch_state and platform_state read, supaqueue.setting, pg_db_role_setting, supaqueue.process; locks nothing
--
-- A list of findings, in the order in which a wake-up would meet them; empty when nothing is known to be wrong. While
-- processes serve every queue, no wake-up is needed: what keeps one from arriving is an info.

create or replace function supaqueue_internal.dispatch_faults(platform jsonb default null)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  seen constant jsonb := coalesce(dispatch_faults.platform, supaqueue_internal.platform_state());
  state constant supaqueue.dispatch := supaqueue_internal.dispatch_state();
  listed jsonb := '[]';
  -- What keeps wake-ups from arriving.
  unwoken jsonb := '[]';
  served constant boolean := exists (select from supaqueue.process where process.lease_until > at)
    and not exists (select from supaqueue.queue where queue.mode = 'push' and not supaqueue_internal.is_served(queue.id));
  entry record;
begin
  for entry in
    select
      other.project, other.seen_at,
      (select home.project from supaqueue.home where home.adopted and home.project <> other.project order by home.seen_at limit 1) as original
    from supaqueue.home as other
    where not other.adopted and other.seen_at > coalesce(state.run_at, '-infinity')
    order by other.seen_at desc
    limit 1
  loop
    listed := listed || supaqueue_internal.finding(
      'copy', 'error',
      format('this database is a copy of %s, so %s calls nobody', entry.original, entry.project),
      'select supaqueue.adopt();', entry.seen_at
    );
  end loop;

  -- The sweep needs read committed, and to write; a default of the database or of its owner is what it gets. Turns say
  -- themselves what they need, or the Data API does. Of the role that it becomes it heeds the isolation, where that is
  -- set for all databases.
  for entry in
    select
      split_part(setting, '=', 1) as name,
      split_part(setting, '=', 2) as value,
      case
        when known.setrole = 0 then format('database %I', current_database())
        when known.setdatabase = 0 then format('role %I', pg_get_userbyid(known.setrole))
        else format('role %I in database %I', pg_get_userbyid(known.setrole), current_database())
      end as whose,
      known.setrole = 0 or pg_get_userbyid(known.setrole) <> 'service_role' as only_sweeps
    from pg_db_role_setting as known
    cross join unnest(known.setconfig) as setting
    where (
        setting like 'default_transaction_isolation=%' and split_part(setting, '=', 2) <> 'read committed'
        or setting ~* '^default_transaction_read_only=(on|true|yes|1)$'
        or setting like 'pgrst.db_tx_end=rollback%'
      )
      and (known.setdatabase = 0 or known.setdatabase = (select pg_database.oid from pg_database where pg_database.datname = current_database()))
      and case when setting like 'pgrst.%'
        -- The Data API reads those of the role that it logs in as.
        then pg_get_userbyid(known.setrole) = 'authenticator'
        else known.setrole in (0, (select pg_namespace.nspowner from pg_namespace where pg_namespace.nspname = 'supaqueue'))
          or known.setdatabase = 0 and pg_get_userbyid(known.setrole) = 'service_role' and setting like 'default_transaction_isolation=%'
      end
    union all
    -- Of the whole server: what this session would have without a word of its own, and neither its role nor its database says so.
    select 'default_transaction_read_only', 'on', format('database %I', current_database()), false
    from pg_settings
    where pg_settings.name = 'default_transaction_read_only' and pg_settings.reset_val = 'on' and not exists (
      select from pg_db_role_setting as known
      cross join unnest(known.setconfig) as setting
      where setting ~* '^default_transaction_read_only='
        and (known.setrole = 0 or known.setrole = (select pg_roles.oid from pg_roles where pg_roles.rolname = session_user))
        and (known.setdatabase = 0 or known.setdatabase = (select pg_database.oid from pg_database where pg_database.datname = current_database()))
    )
    order by 1, 3
  loop
    if entry.name = 'default_transaction_isolation' then
      listed := listed || supaqueue_internal.finding(
        'isolation',
        'error',
        format(
          case when entry.only_sweeps
            then 'no schedule is kept, and nothing is pruned: %s is the default isolation of %s, and the sweep needs read committed'
            else 'no job is begun: %s is the default isolation of %s, and turns need read committed'
          end,
          entry.value, entry.whose
        ),
        format('alter %s reset default_transaction_isolation; notify pgrst, ''reload config'';', entry.whose)
      );
    elsif entry.name = 'pgrst.db_tx_end' then
      -- What a turn hands out is called, and what it wrote is undone: the next turn hands it out again.
      listed := listed || supaqueue_internal.finding(
        'rolled_back', 'error',
        format('jobs are called again and again: the Data API undoes its transactions, for pgrst.db_tx_end is %s for %s', entry.value, entry.whose),
        format('alter %s reset pgrst.db_tx_end; notify pgrst, ''reload config'';', entry.whose)
      );
    else
      listed := listed || supaqueue_internal.finding(
        'read_only',
        'error',
        format('the sweep does nothing, and nothing is enqueued by SQL: read-only is the default of %s, as Supabase sets it when the disk is full', entry.whose),
        -- One of the server would still be there after a reset.
        format('begin read write; alter %s set default_transaction_read_only = off; commit;', entry.whose)
      );
    end if;
  end loop;

  if not (seen #>> '{vault,there}')::boolean and not (seen #>> '{net,there}')::boolean then
    -- A PostgreSQL of its own: what was never there is not missed.
    return listed || case when served then '[]' else supaqueue_internal.finding(
      'no_process', 'error',
      'no job is begun: no process serves every queue, and neither pg_net nor Vault is there to wake an edge function',
      'npx supaqueue work'
    ) end;
  end if;

  if not (seen #>> '{vault,there}')::boolean then
    unwoken := unwoken || supaqueue_internal.finding(
      'vault_missing', 'error', 'no wake-up can be signed: the extension supabase_vault is not there',
      'create extension supabase_vault;'
    );
  elsif not (seen #>> '{vault,named}')::boolean then
    unwoken := unwoken || supaqueue_internal.finding(
      'secret_missing', 'error', 'no wake-up can be signed: Vault has no secret supaqueue_secret', 'npx supaqueue install'
    );
  elsif seen #>> '{vault,fingerprint}' is null then
    unwoken := unwoken || supaqueue_internal.finding(
      'secret_unreadable', 'error',
      'no wake-up can be signed: Vault cannot decrypt supaqueue_secret, as after a restore into another project',
      'npx supaqueue rotate-secret'
    );
  end if;

  if not exists (select from supaqueue.setting where setting.name = 'functions_url') then
    unwoken := unwoken || supaqueue_internal.finding(
      'functions_url_missing', 'error', 'no wake-up can be sent: the setting functions_url is missing',
      'insert into supaqueue.setting (name, value) values (''functions_url'', ''https://<project>.supabase.co/functions/v1'');'
    );
  end if;

  if not (seen #>> '{net,there}')::boolean then
    unwoken := unwoken || supaqueue_internal.finding(
      'net_missing', 'error', 'no wake-up can be sent: the extension pg_net is not there', 'create extension pg_net with schema extensions;'
    );
  elsif seen #>> '{net,fault}' is not null then
    unwoken := unwoken || supaqueue_internal.finding(
      'net_fault', 'error', format('no wake-up is sent: %s', seen #>> '{net,fault}'),
      coalesce(seen #>> '{net,drop}', 'npx supaqueue doctor')
    );
  elsif not (seen #>> '{net,worker}')::boolean then
    unwoken := unwoken || supaqueue_internal.finding(
      'net_stopped', 'error',
      format('no wake-up is sent: the worker of pg_net is not running, and %s requests wait', seen #>> '{net,waiting}'),
      'select net.worker_restart();'
    );
  elsif (seen #>> '{net,waiting}')::integer > 1000 then
    unwoken := unwoken || supaqueue_internal.finding(
      'net_busy', 'warning',
      format('jobs begin late: %s requests wait in pg_net, %s of them not of supaqueue', seen #>> '{net,waiting}', seen #>> '{net,others}'),
      'select url, count(*) from net.http_request_queue group by url order by 2 desc;'
    );
  end if;

  if state.refused_at > coalesce(state.accepted_at, '-infinity') then
    unwoken := unwoken || supaqueue_internal.refused_fault(state, seen -> 'vault');
  elsif state.accepted_at < at - interval '30 seconds'
    and coalesce(state.run_at, '-infinity') < state.accepted_at - interval '30 seconds'
  then
    unwoken := unwoken || supaqueue_internal.finding(
      'no_turn', 'error',
      concat(
        'no job is begun: the dispatcher accepts wake-ups, and cannot reach the database through the Data API; its last turn was ',
        coalesce(supaqueue_internal.say_interval(at - state.run_at) || ' ago', 'never')
      ),
      'npx supaqueue doctor',
      state.run_at
    );
  end if;

  if served then
    unwoken := (
      select coalesce(jsonb_agg(fault.value || jsonb_build_object(
        'severity', 'info',
        'text', concat(fault.value ->> 'text', '. None is needed while processes serve every queue')
      ) order by fault.place), '[]')
      from jsonb_array_elements(unwoken) with ordinality as fault (value, place)
    );
  end if;
  return listed || unwoken;
end;
$$;

comment on function supaqueue_internal.dispatch_faults(jsonb) is 'Why no job of any queue is begun: a list, empty when nothing is known to be wrong.';
