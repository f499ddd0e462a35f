-- outcome: what may become of a call, and what follows for its job.
--
-- read by    users; docs/reference/turn.md, the dispatcher and the kit are tested against it
--
-- outcome    the word of a report
-- word       the word by which a function says so, in its answer or by finish; null: nobody says it
-- becomes    the status of the job, unless its limit is reached: then `failed`. One that is dropped is
--            deleted before anybody sees it
-- bounded    which limit: `attempts` (max_attempts), `deferrals` (max_deferrals, max_defer_ms), `repeats` (max_repeats), or
--            `division`: a call of one job cannot be divided
-- attempt    `used`, `returned` (it does not count), or `anew` (the job has all its attempts again)
-- deferring  whether the job is still being put off: `on` counts one more, `same` changes nothing, `off` ends it
-- wait       until the next try: `backoff`, or what was asked for; `short` at most an hour, 1 s if nothing was; `long` as was asked
-- reached    whether the call got through to its target; null: nobody knows
-- recorded   whether it leaves a row in supaqueue.attempt: of a success only with keep_success_attempts
-- fault      whether its error is kept with the job
-- state      of the next slice: `given` by the report, `kept`, or `gone`

create or replace view supaqueue.outcome with (security_invoker = true) as
select
  entry.outcome, entry.word, entry.becomes::supaqueue.job_status as becomes, entry.bounded, entry.attempt, entry.deferring,
  entry.wait, entry.reached, entry.recorded, entry.fault, entry.state
from (values
  ('success',     'complete',   'success', null,        'used',     'off',  null,      true,  false, false, 'gone'),
  ('failed',      'reject',     'pending', 'attempts',  'used',     'off',  'backoff', true,  true,  true,  'kept'),
  ('unknown',     null,         'pending', 'attempts',  'used',     'same', 'backoff', null,  true,  true,  'kept'),
  ('divided',     null,         'pending', 'division',  'returned', 'same', 'short',   null,  true,  true,  'kept'),
  ('not_run',     null,         'pending', null,        'returned', 'same', 'short',   null,  false, true,  'kept'),
  ('deferred',    null,         'pending', 'deferrals', 'returned', 'on',   'short',   false, true,  true,  'kept'),
  ('rescheduled', 'reschedule', 'pending', 'repeats',   'anew',     'off',  'long',    true,  true,  false, 'kept'),
  ('killed',      'kill',       'failed',  null,        'used',     'off',  null,      true,  true,  true,  'kept'),
  ('dropped',     'drop',       'pending', null,        'used',     'off',  null,      true,  true,  true,  'kept'),
  ('continued',   'continue',   'pending', 'repeats',   'anew',     'off',  'long',    true,  true,  false, 'given'),
  ('parked',      'park',       'held',    null,        'returned', 'off',  null,      true,  true,  true,  'kept'),
  ('later',       'later',      null,      null,        null,       null,   null,      null,  false, false, null)
) as entry (outcome, word, becomes, bounded, attempt, deferring, wait, reached, recorded, fault, state);

comment on view supaqueue.outcome is 'The ways a call can end, and what follows for its job.';
revoke all on supaqueue.outcome from public, anon, authenticated;
grant select on supaqueue.outcome to service_role;
