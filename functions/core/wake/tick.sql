-- tick: wake the dispatcher for a queue.
--
-- called by  answer, on_current_job_started, supaqueue_turn, sweep
-- reads      supaqueue.setting, the Vault secret supaqueue_secret
-- writes     supaqueue.counter_delta, pg_net's request queue; the request leaves when the transaction commits
--
-- A tick may be lost, doubled or late, and everybody who may connect can read
-- it: it names a queue and proves where it comes from, no more. Returns whether
-- it was posted. Never raises: an enqueue must not fail because dispatch is ill.
--
-- Security definer: the Vault secret is for the owner's eyes, whoever enqueues.

create or replace function supaqueue_internal.tick(queue uuid)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  functions_url text;
  secret text;
  -- Two ticks of one second are two ticks; the dispatcher refuses only one that it has seen before.
  body jsonb := jsonb_build_object('queue', tick.queue, 'nonce', gen_random_uuid());
  stamp text := floor(extract(epoch from clock_timestamp()))::bigint::text;
begin
  select setting.value into functions_url from supaqueue.setting where setting.name = 'functions_url';
  select entry.decrypted_secret into secret from vault.decrypted_secrets as entry where entry.name = 'supaqueue_secret';

  if functions_url is null or secret is null then
    raise warning using
      errcode = 'SQ503',
      message = case when secret is null
        then 'supaqueue cannot wake its dispatcher: Vault has no secret named supaqueue_secret'
        else 'supaqueue cannot wake its dispatcher: the setting functions_url is missing' end,
      hint = 'The job is safe and starts once this is mended. Run the installer again.';
    return false;
  end if;

  perform net.http_post(
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
  insert into supaqueue.counter_delta (queue, ticks) values (tick.queue, 1);
  return true;
exception when others then
  raise warning using
    errcode = 'SQ503',
    message = format('supaqueue cannot wake its dispatcher: %s', sqlerrm),
    hint = 'The job is safe and starts once this is mended. Is the extension pg_net enabled, and Vault?';
  return false;
end;
$$;

comment on function supaqueue_internal.tick(uuid) is 'Wakes the dispatcher for a queue. Returns whether the tick was posted; never raises.';
revoke execute on function supaqueue_internal.tick(uuid) from public, anon, authenticated;
grant execute on function supaqueue_internal.tick(uuid) to service_role;
