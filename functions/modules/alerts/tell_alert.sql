-- tell_alert: somebody is told that something is wrong, or well again: by a job in the queue of the rule.
--
-- writes     supaqueue.alert_rule, whose row watch_alerts holds, and what enqueue writes
--
-- The payload has text, which is all that an incoming webhook of Slack or a mail needs, and the rest for programs: alert (the
-- rule's name), state (firing or resolved), kind, subject, value, threshold, since. Returns the job's id.

create or replace function supaqueue_internal.tell_alert(
  rule supaqueue.alert_rule, state text, subject text, text text, value double precision, since timestamptz
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  summary constant text := format(
    case tell_alert.state when 'firing' then '%s: %s' else '%s is over for %s. It was: %s' end,
    variadic case tell_alert.state when 'firing' then array[rule.name, tell_alert.text] else array[rule.name, tell_alert.subject, tell_alert.text] end
  );
  job bigint;
begin
  job := supaqueue.enqueue(
    rule.notify::text,
    jsonb_build_object(
      'text', summary,
      'alert', rule.name, 'state', tell_alert.state, 'kind', rule.kind, 'subject', tell_alert.subject,
      'value', tell_alert.value, 'threshold', rule.threshold, 'since', tell_alert.since
    )
  );
  update supaqueue.alert_rule
  set told_at = clock_timestamp(), told_state = tell_alert.state, told_text = left(summary, 1500), told_job = job
  where alert_rule.id = rule.id;
  return job;
end;
$$;

comment on function supaqueue_internal.tell_alert(supaqueue.alert_rule, text, text, text, double precision, timestamptz) is 'Tells somebody that something is wrong, or well again. Returns the id of the job.';
