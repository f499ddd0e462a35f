-- wake: wake the dispatcher for a queue, with as many runs as so many jobs need.
--
-- reads      supaqueue.queue, supaqueue.setting, the Vault secret supaqueue_secret, what net_fault reads
-- writes     pg_net's request queue, supaqueue.wake_up, supaqueue.heartbeat, and what note_counts writes; the request leaves when the transaction commits
--
-- One run for as many jobs as it calls at once, never one per job. A wake-up may be lost, doubled or late, and everybody who may connect can read
-- it: it names a queue and proves where it comes from, no more. Returns whether
-- it was posted. Never raises: an enqueue must not fail because dispatch is broken.
--
-- A run that is `awaited` is noted in the heartbeat, whether or not the wake-up could be posted: for five seconds no enqueue
-- wakes one. If the wake-up is lost, the next sweep a second later or more wakes one again, or the next enqueue after
-- that time.
--
-- Up to pg_net 0.20.5 every role may put triggers on pg_net's tables and lock them. No
-- trigger of theirs ever runs in here, in the rights of whoever enqueues: the table is
-- held, so that none can be added, and nothing is posted while there is one. Whoever
-- locks the table stops nobody for longer than half a second, and once a transaction.
--
-- Where a process that stays serves the queue, it is told in place of that.
--
-- Security definer: the Vault secret is for the owner's eyes, whoever enqueues.

create or replace function supaqueue_internal.wake(queue uuid, jobs bigint default 1, awaited boolean default false)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
declare
  functions_url text;
  secret text;
  fault text;
  -- For one job there is one run, whatever the settings.
  runs constant integer := case when wake.jobs = 1 then 1 else ceil(wake.jobs::numeric / supaqueue_internal.concurrency()) end;
  body jsonb;
  request bigint;
  posting boolean := false;
  stamp text := floor(extract(epoch from clock_timestamp()))::bigint::text;
begin
  if wake.awaited and current_setting('supaqueue.tables_locked', true) is distinct from 'yes' then
    begin
      update supaqueue.heartbeat
      set run = null, awake_until = clock_timestamp() + interval '5 seconds', woken_at = clock_timestamp()
      where heartbeat.queue = (
        select held.queue from supaqueue.heartbeat as held join supaqueue.queue as home on home.id = held.queue
        where held.queue = wake.queue for update of held skip locked for key share of home skip locked
      );
      -- None of ours is deferred there.
      if exists (select from pg_trigger where pg_trigger.tgrelid = 'supaqueue.heartbeat'::regclass and pg_trigger.tginitdeferred) then
        perform supaqueue_internal.fire_deferred();
      end if;
    exception when query_canceled or assert_failure or others then
      -- A run is woken once more than needed.
      perform set_config('supaqueue.tables_locked', 'yes', true) where sqlstate = '55P03';
      perform supaqueue_internal.put_aside('heartbeat', wake.queue::text, sqlstate, sqlerrm, queue => wake.queue);
    end;
  end if;

  begin
    if supaqueue_internal.notify_process(wake.queue) then
      return true;
    end if;

    if current_setting('supaqueue.net_locked', true) = 'yes' then
      return false;
    end if;

    select setting.value into functions_url from supaqueue.setting where setting.name = 'functions_url';
    select entry.decrypted_secret into secret from vault.decrypted_secrets as entry where entry.name = 'supaqueue_secret';

    if functions_url is null or secret is null then
      raise warning using
        errcode = 'SQ503',
        message = case when secret is null
          then 'supaqueue cannot wake its dispatcher: Vault has no secret named supaqueue_secret'
          else 'supaqueue cannot wake its dispatcher: the setting functions_url is missing' end,
        hint = 'The job is safe and starts once this is fixed. Run the installer again.';
      return false;
    end if;

    -- The lock of an insert. It keeps others from adding a trigger until this transaction ends.
    posting := true;
    lock table only net.http_request_queue in row exclusive mode;
    -- Asked first is what suffices almost always: no trigger, and a function of a superuser's. Where that does not hold,
    -- net_fault says what is wrong, if anything is.
    fault := case when not exists (
      select from pg_class join pg_proc on pg_proc.oid = to_regprocedure('net.http_post(text, jsonb, jsonb, jsonb, integer)')
      join pg_roles on pg_roles.oid = pg_proc.proowner and pg_roles.rolsuper
      where pg_class.oid = to_regclass('net.http_request_queue') and not pg_class.relhastriggers and pg_class.xmax = 0
    ) then supaqueue_internal.net_fault() end;
    if fault is not null then
      raise warning using
        errcode = 'SQ503',
        message = format('supaqueue does not wake its dispatcher: %s', fault),
        hint = 'The job is safe and starts once this is fixed. supaqueue doctor says how.';
      return false;
    end if;

    for run in 1 .. runs loop
      -- Two wake-ups of one second are two wake-ups; the dispatcher refuses only one that it has seen before.
      body := jsonb_build_object('queue', wake.queue, 'nonce', gen_random_uuid());
      request := net.http_post(
        url := functions_url || '/supaqueue',
        body := body,
        headers := jsonb_build_object(
          'content-type', 'application/json',
          'supaqueue-timestamp', stamp,
          'supaqueue-signature', 'v1=' || encode(extensions.hmac(stamp || '.' || body::text, secret, 'sha256'), 'hex')
        ),
        -- The dispatcher answers at once; a longer wait would only hold up pg_net's batch.
        timeout_milliseconds := 2000
      );
      -- After a crash of the server pg_net counts anew from 1.
      insert into supaqueue.wake_up (request, queue) values (request, wake.queue)
      on conflict on constraint wake_up_pkey do update set queue = excluded.queue, posted_at = excluded.posted_at;
    end loop;
    if exists (select from pg_trigger where pg_trigger.tgrelid = 'supaqueue.wake_up'::regclass and pg_trigger.tginitdeferred) then
      perform supaqueue_internal.fire_deferred('supaqueue.wake_up');
    end if;
    perform supaqueue_internal.note_counts(wake.queue, wake_ups => runs);
    return true;
  exception
    when lock_not_available then
      -- Further queues of this transaction would wait as long, one after another.
      perform set_config('supaqueue.net_locked', 'yes', true);
      perform set_config('supaqueue.tables_locked', 'yes', true) where not posting;
      raise warning using
        errcode = 'SQ503',
        message = 'supaqueue cannot wake its dispatcher: somebody locks net.http_request_queue, or a table of supaqueue',
        hint = 'The job is safe; the sweep starts it. To see who: select relation::regclass, mode, pid from pg_locks where granted and database = (select oid from pg_database where datname = current_database()) and relation in (select oid from pg_class where relnamespace in (''net''::regnamespace, ''supaqueue''::regnamespace));';
      return false;
    when query_canceled or assert_failure or others then
      raise warning using
        errcode = 'SQ503',
        message = format('supaqueue cannot wake its dispatcher: %s', sqlerrm),
        hint = 'The job is safe and starts once this is fixed. Is the extension pg_net enabled, and Vault? After a restore into another project Vault cannot read what it has: run the installer again.';
      return false;
  end;
end;
$$;

comment on function supaqueue_internal.wake(uuid, bigint, boolean) is 'Wakes the dispatcher for a queue. Returns whether the wake-up was posted; never raises.';
