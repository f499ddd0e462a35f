-- signal: something has come that the function of a job waits for, or will wait for.
--
-- called by  users
-- writes     supaqueue.signal, whose triggers refuse a payload that cannot be kept, and deliver it at commit
--
-- To a job by its id, or to whoever waits by `key`. One that nobody waits for yet is kept. Each
-- ends one wait: the oldest one that is open, or the next. Twice with the same `idempotency_key`,
-- to the same and by the same name, is once. Returns its id.
-- Errors: SQ404, SQ409 for a job that has ended, SQ413, SQ422.

create or replace function supaqueue.signal(
  job bigint default null, name text default null, payload jsonb default null, key text default null, idempotency_key text default null
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  ended text;
  kept bigint;
begin
  if num_nonnulls(signal.job, signal.key) <> 1
    or not coalesce(length(signal.name) between 1 and 200, false)
    or length(signal.key) not between 1 and 200 or length(signal.idempotency_key) > 200
  then
    raise exception using
      errcode = 'SQ422',
      message = 'a signal goes to a job, or to whoever waits by a key, and has a name',
      hint = 'Nothing was changed. For example: select supaqueue.signal(17, ''approval'', ''{"by": "Ada"}''); or key => ''order-17'' in place of the job.';
  end if;
  if signal.idempotency_key is not null then
    select entry.id into kept from supaqueue.signal as entry
    where (entry.job = signal.job or entry.key = signal.key)
      and entry.name = signal.name and entry.idempotency_key = signal.idempotency_key;
    if found then
      return kept;
    end if;
  end if;

  if signal.job is not null then
    select case when target.status in ('success', 'failed', 'cancelled') then target.status::text else '' end into ended
    from supaqueue.job as target where target.id = signal.job;
    if ended is null then
      raise exception using
        errcode = 'SQ404',
        message = format('there is no job %s', signal.job),
        hint = 'Nothing was changed. Jobs that ended are pruned after a while; keep_success and keep_failed of their queue say when.';
    end if;
    if ended <> '' then
      raise exception using
        errcode = 'SQ409',
        message = format('job %s has ended: it is %s', signal.job, ended),
        hint = 'Nothing was changed. It no longer waits for anything.';
    end if;
  end if;

  insert into supaqueue.signal as entry (job, key, name, payload, idempotency_key)
  values (signal.job, signal.key, signal.name, coalesce(signal.payload, 'null'), signal.idempotency_key)
  on conflict do nothing
  returning entry.id into kept;
  if kept is null then
    -- Of a transaction that has just been committed.
    select entry.id into kept from supaqueue.signal as entry
    where (entry.job = signal.job or entry.key = signal.key)
      and entry.name = signal.name and entry.idempotency_key = signal.idempotency_key;
  end if;
  return kept;
end;
$$;

comment on function supaqueue.signal(bigint, text, jsonb, text, text) is 'Sends a signal to a job. Returns the id of the signal.';
