-- sweep: the periodic look for what no event announced.
--
-- called by  pg_cron every ten seconds, and by hand
-- writes     supaqueue.chore, supaqueue.last_sweep, and what its chores write
--
-- Does every chore that is registered in supaqueue.chore, in the order of place: the file
-- of each chore's function registers it. Each has a subtransaction of its own, so that one
-- that fails stops no other and undoes nothing; why it failed stands in its row, and it is
-- tried again at growing distances. Chores do the same with their rows: what cannot be
-- done for one is set aside (put_aside). Our own locks wait for nobody. A row whose trigger wants
-- a lock that it cannot have waits two seconds, and those after it hardly (hardly_wait).
--
-- `most` is how much of each kind is done at once. Returns how many leases were lost and
-- how many queues were woken. Never compiled just in time: that costs more than all chores.

create or replace function supaqueue.sweep(most integer default 1000, out leases_lost integer, out queues_woken integer)
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set jit = off
as $$
declare
  begun_at constant timestamptz := clock_timestamp();
  due supaqueue.chore;
  started_at timestamptz;
  handled integer;
  done jsonb := '{}';
  noted jsonb := '[]';
  failed_code text;
  failed_error text;
begin
  -- At the commit, too, what a user has deferred stops only what set it off.
  perform set_config('supaqueue.own_commit', 'yes', true);
  for due in
    select chore.* from supaqueue.chore
    where chore.next_try_at <= begun_at
      -- The clock was set back.
      or chore.next_try_at > begun_at + interval '1 hour'
    order by chore.place, chore.name
  loop
    started_at := clock_timestamp();
    failed_code := null;
    failed_error := null;
    begin
      execute format('select supaqueue_internal.%I(most => $1)', due.routine) into handled
        using least(sweep.most::bigint * due.times, 1000000000)::integer;
      perform supaqueue_internal.fire_deferred(anywhere => true);
      done := done || jsonb_build_object(due.name, handled);
    exception when query_canceled or assert_failure or others then
      get stacked diagnostics failed_code = returned_sqlstate, failed_error = message_text;
      perform supaqueue_internal.hardly_wait(failed_code);
      raise warning using
        errcode = 'SQ503',
        message = format('the sweep could not do its chore %s: %s', due.name, failed_error),
        hint = 'The others were done, and it is tried again at growing distances. Its row in supaqueue.chore says why it failed, and which function it is.';
    end;
    noted := noted || jsonb_build_object(
      'name', due.name, 'at', started_at, 'ms', date_part('epoch', clock_timestamp() - started_at) * 1000,
      'code', failed_code, 'error', left(failed_error, 1000)
    );
  end loop;

  leases_lost := coalesce((done ->> 'leases')::integer, 0);
  queues_woken := coalesce((done ->> 'wake')::integer, 0);

  begin
    update supaqueue.chore
    set
      last_at = entry.at,
      last_ok_at = case when entry.code is null then entry.at else chore.last_ok_at end,
      last_ms = least(greatest(entry.ms, 0), 2147483647),
      failures = case when entry.code is null then 0 else least(chore.failures, 1000000) + 1 end,
      code = entry.code,
      error = entry.error,
      next_try_at = case
        when entry.code is null or chore.failures = 0 then '-infinity'
        else entry.at + least(10 * 2 ^ least(chore.failures - 1, 20), 300) * interval '1 second'
      end
    from jsonb_to_recordset(noted) as entry (name text, at timestamptz, ms double precision, code text, error text)
    where chore.name = entry.name
      -- Two sweeps at once: the one that comes second need not say so.
      and chore.name = any (array(select held.name from supaqueue.chore as held for no key update skip locked));

    if not exists (select from supaqueue.last_sweep) then
      insert into supaqueue.last_sweep values (true, begun_at, 0, 0, 0) on conflict do nothing;
    end if;
    update supaqueue.last_sweep
    set
      swept_at = begun_at,
      ms = least(greatest(extract(epoch from clock_timestamp() - begun_at) * 1000, 0), 2147483647),
      leases_lost = sweep.leases_lost,
      queues_woken = sweep.queues_woken
    where last_sweep.only_one = (select held.only_one from supaqueue.last_sweep as held for no key update skip locked);
    perform supaqueue_internal.fire_deferred(anywhere => true);
  exception when query_canceled or assert_failure or others then
    raise warning using
      errcode = 'SQ503',
      message = format('the sweep could not record what it did: %s', sqlerrm),
      hint = 'What it did stays done. Is there a trigger of yours on supaqueue.chore or supaqueue.last_sweep?';
  end;
end;
$$;

comment on function supaqueue.sweep(integer) is 'Does every chore in turn: lost leases, queues with work and nobody awake, and what modules registered.';
