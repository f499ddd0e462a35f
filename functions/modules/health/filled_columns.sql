-- filled_columns: which columns supaqueue fills wherever it writes a row of its own, since they may not be null and have no default.
--
-- Each as <table>.<column>. The catalog does not tell them from a column that a user has added. A test holds the list to
-- the migrations.

create or replace function supaqueue_internal.filled_columns()
returns text[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{
    alert.rule, alert.subject, alert.text, alert_rule.kind, alert_rule.name, alert_rule.notify, alert_rule.threshold,
    api_answer.answer, api_answer.caller, api_answer.key, api_answer.request_hash, api_key.hash, api_key.name,
    api_key.scopes, applied_file.checksum, applied_file.fingerprint, applied_file.kind, applied_file.path,
    attempt.attempt, attempt.ended_at, attempt.job, attempt.outcome, audit.act, audit.role, backfill.hook,
    backfill.per_second, batch.queue, bulk_action.act, bulk_action.jobs, chore.name, chore.place, chore.routine,
    circuit.target, counter.queue, counter_delta.queue, current_job.job, current_job.queue, door.queue, door.role,
    door_use.free_at, door_use.queue, door_use.role, door_use.who, heartbeat.queue, history.at, history.queue,
    history.span, home.project, hook.events, hook.name, hook.queue, hook.schema_name, hook.table_name, hook_fault.code,
    hook_fault.hook, hook_fault.reason, job.queue, job_dependency.source, job_dependency.target, key_lock.queue,
    last_sweep.leases_lost, last_sweep.ms, last_sweep.queues_woken, last_sweep.swept_at, line_change.line,
    line_change.moves_on, line_change.queue, line_head.is_due, line_head.job, line_head.line, line_head.priority,
    line_head.queue, line_head.run_at, migration.checksum, migration.name, named_lock.name, named_lock.space,
    place_in_line.job, place_in_line.line, place_in_line.queue, process.id, process.lease_until, rate_limit.max_rps,
    rate_limit.name, schedule.cron, schedule.name, schedule.queue, setting.name, setting.value, signal.name, step.job,
    step.name, step.place, step.status, subscription.pattern, subscription.queue, throttled_key.free_at,
    throttled_key.key, throttled_key.queue, trouble.code, trouble.kind, trouble.reason, trouble.subject, unsettled.job,
    wake_up.queue, wake_up.request, worker.queue
  }'::text[]
$$;

comment on function supaqueue_internal.filled_columns() is 'The columns that supaqueue fills, since they may not be null and have no default.';
