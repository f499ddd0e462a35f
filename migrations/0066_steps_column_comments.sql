-- Every column of steps and signals says what it holds. A comment locks no table against reads and writes.

comment on table  supaqueue.step             is 'Parts of a job''s function whose results are kept. Only who holds the token of the job writes them.';
comment on column supaqueue.step.job         is 'The job.';
comment on column supaqueue.step.name        is 'The name of the step in the function.';
comment on column supaqueue.step.occurrence  is 'Which use of this name it is, from 1.';
comment on column supaqueue.step.item        is 'Which item of a map, from 1. 0: the step is no item.';
comment on column supaqueue.step.items       is 'How many items the map has.';
comment on column supaqueue.step.kind        is 'run: a step, or an item of a map. map: the map. sleep: the function waits for a time. wait: it waits for a signal.';
comment on column supaqueue.step.status      is 'running (its call may have died), failed (it is retried), given_up (its error is kept), sleeping, waiting, done, timed_out (the signal never came).';
comment on column supaqueue.step.version     is 'The version of the step''s code, as the function gives it.';
comment on column supaqueue.step.place       is 'Its place among all steps of the job, in the order in which the function first asked for them. Items have the place of their map.';
comment on column supaqueue.step.alone       is 'Whether the job never had two steps under way at once before this one. Then the order of its steps is certain.';
comment on column supaqueue.step.attempts    is 'How many attempts have started.';
comment on column supaqueue.step.key         is 'The key by which a signal finds this wait. Null: only the id of the job does.';
comment on column supaqueue.step.until       is 'When the sleep or the wait ends by itself, or the step is retried. Null: never, or with the job.';
comment on column supaqueue.step.begun_at    is 'When the last attempt started.';
comment on column supaqueue.step.ended_at    is 'When it ended.';
comment on column supaqueue.step.ms          is 'How long the last attempt took, in milliseconds.';
comment on column supaqueue.step.result      is 'What the step returned, or the payload of the signal. Null: nothing.';
comment on column supaqueue.step.bytes       is 'The size of the result, in bytes.';
comment on column supaqueue.step.error       is 'The error of the last attempt that failed.';
comment on column supaqueue.step.tries       is 'The last attempts that failed: attempt, at, ms, error.';
comment on column supaqueue.step.fingerprint is 'For a map: a checksum of its items, in their order.';

comment on table  supaqueue.signal                 is 'What functions wait for. If nobody waits yet, a signal to a job is kept as long as the job, and a signal to a key for 30 days.';
comment on column supaqueue.signal.id              is 'Set by the database.';
comment on column supaqueue.signal.created_at      is 'When the signal was sent.';
comment on column supaqueue.signal.job             is 'The job that it was sent to. Null: it was sent to a key.';
comment on column supaqueue.signal.key             is 'The key that it was sent to. Null: it was sent to a job.';
comment on column supaqueue.signal.name            is 'The name that a function waits for.';
comment on column supaqueue.signal.payload         is 'What the function gets.';
comment on column supaqueue.signal.idempotency_key is 'A second signal to the same job or key, with the same name and the same idempotency_key, has no effect.';
comment on column supaqueue.signal.taken_by        is 'The job whose wait it ended.';
comment on column supaqueue.signal.taken_at        is 'When it ended that wait.';
comment on column supaqueue.signal.late            is 'Whether the sweep must deliver it, because it could not be delivered when it was sent.';
