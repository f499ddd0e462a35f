-- refused_fault: why the dispatcher does not accept wake-ups, and what fixes it.
--
-- `state` is what dispatch_state returns, `vault` what platform_state says of Vault. A code that begins with SQ is
-- the dispatcher's own; anything else was said by the platform in front of it, or by a proxy.

create or replace function supaqueue_internal.refused_fault(state supaqueue.dispatch, vault jsonb)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  at constant timestamptz := clock_timestamp();
  code constant text := coalesce((refused_fault.state).code, '');
  status constant integer := (refused_fault.state).status;
  url constant text := (select setting.value from supaqueue.setting where setting.name = 'functions_url');
  what text;
  remedy text;
  name text;
begin
  if code = 'SQ401' and (refused_fault.state).message like '%is wrong%' then
    name := 'secrets_differ';
    what := concat(
      'the edge functions and Vault have different secrets',
      case
        when (refused_fault.state).fingerprints @> array[refused_fault.vault ->> 'fingerprint'] then
          format('; that of the functions was changed after %s ago, when both were the same', supaqueue_internal.say_interval(at - (refused_fault.state).run_at))
        when (refused_fault.state).fingerprints is not null then
          '; that in Vault was changed' || coalesce(
            format(' %s ago', supaqueue_internal.say_interval(at - (refused_fault.vault ->> 'changed_at')::timestamptz)), ''
          )
      end
    );
    remedy := 'npx supaqueue rotate-secret';
  elsif code = 'SQ401' then
    name := 'signature_lost';
    what := 'the signature of wake-ups is lost on their way: something between the database and the functions takes headers away';
    remedy := format('update supaqueue.setting set value = ''<where functions answer directly>'' where name = ''functions_url''; /* now %s */', url);
  elsif code = 'SQ403' then
    name := 'wake_ups_late';
    what := 'wake-ups arrive more than five minutes after they were sent: pg_net is that far behind, or a clock is wrong';
    remedy := 'select url, count(*) from net.http_request_queue group by url order by 2 desc;';
  elsif code = 'SQ500' then
    name := 'dispatcher_not_set_up';
    what := coalesce(nullif((refused_fault.state).message, ''), 'the dispatcher is not set up');
    remedy := 'npx supaqueue install';
  elsif code like 'SQ%' then
    name := 'dispatcher_refuses';
    what := format('the dispatcher answers %s: %s', code, (refused_fault.state).message);
    remedy := coalesce(nullif((refused_fault.state).hint, ''), 'npx supaqueue doctor');
  elsif status in (401, 403) then
    name := 'verify_jwt';
    what := format(
      'the platform turns wake-ups away before they reach the function supaqueue (%s): its check of JWTs (verify_jwt) is on',
      concat_ws(' ', status, nullif(code, ''))
    );
    -- Two strings: a comment would begin where the option does, for whoever reads this file line by line.
    remedy := 'supabase functions deploy supaqueue -' || '-no-verify-jwt';
  elsif status = 404 then
    name := 'dispatcher_missing';
    what := format('there is no edge function supaqueue at %s', url);
    remedy := 'npx supaqueue install';
  elsif status = 429 then
    name := 'platform_limit';
    what := 'the platform has limited how often functions are called; wake-ups are sent again by themselves';
    remedy := 'select supaqueue.sweep();';
  elsif status = 503 or code = 'BOOT_ERROR' then
    name := 'dispatcher_does_not_start';
    what := format('the function supaqueue does not start (%s)', concat_ws(' ', status, nullif(code, ''), nullif((refused_fault.state).message, '')));
    remedy := 'npx supaqueue upgrade';
  -- Of a request without an answer pg_net says where its time went: none to the answer means that nothing was connected.
  elsif status is null and (refused_fault.state).message ~* '^(timeout|no answer in time)' and (refused_fault.state).message !~ 'Response time: 0([.]0*)? ms' then
    name := 'dispatcher_slow';
    what := format(
      'the function supaqueue gives no answer in time, and no run has come: it starts slowly, or hangs, and its log says why; wake-ups are sent again by themselves (%s)',
      (refused_fault.state).message
    );
    remedy := 'select supaqueue.sweep();';
  elsif status is null then
    name := 'dispatcher_unreachable';
    what := format('no answer comes from %s: %s', url, coalesce(nullif((refused_fault.state).message, ''), 'no reason given'));
    remedy := 'update supaqueue.setting set value = ''https://<project>.supabase.co/functions/v1'' where name = ''functions_url'';';
  else
    name := 'dispatcher_fails';
    what := format('the answer to wake-ups is %s', concat_ws(' ', status, nullif(code, ''), nullif((refused_fault.state).message, '')));
    remedy := 'npx supaqueue doctor';
  end if;

  return supaqueue_internal.finding(
    name,
    'error',
    format(
      'no job is begun: wake-ups have been refused for %s (%s so far): %s',
      supaqueue_internal.say_interval(at - (refused_fault.state).refused_since),
      (refused_fault.state).refusals, what
    ),
    remedy,
    (refused_fault.state).refused_since
  );
end;
$$;

comment on function supaqueue_internal.refused_fault(supaqueue.dispatch, jsonb) is 'Why the dispatcher does not accept wake-ups, and what fixes it.';
