-- What strangers may do: what the answer of a URL can ask for, what a job may have of its
-- own though its queue sends a credential, and a signing secret for each queue.
-- Columns without defaults, or with constant ones: nothing is rewritten.

alter table supaqueue.queue
  add column heeds        text[],
  add column max_repeats  integer,
  add column max_lease_ms integer,
  add column opens        text[] not null default '{}',
  alter column signing_secrets drop not null,
  alter column signing_secrets drop default,
  add constraint queue_heeds_are_known
    check (heeds <@ '{complete, reject, reschedule, kill, drop, continue, park, later}'),
  add constraint queue_max_repeats_is_not_negative
    check (max_repeats >= 0),
  add constraint queue_max_lease_ms_is_at_most_a_day
    check (max_lease_ms between 1 and 86400000);

comment on column supaqueue.queue.heeds           is 'What an answer may ask for by supaqueue-outcome. Null: everything for a function, complete and reject for a URL.';
comment on column supaqueue.queue.max_repeats     is 'How often in a row a job may be continued or rescheduled before it is failed. Null: 100 for a URL, no limit for a function.';
comment on column supaqueue.queue.max_lease_ms    is 'The longest lease that an answer may ask for by later. Null: an hour for a URL, a day for a function.';
comment on column supaqueue.queue.opens           is 'What a job may have of its own though the queue sends a credential: "GET /v1/items/", "POST https://eu.example.com/v1", "header x-priority".';
comment on column supaqueue.queue.signing_secrets is 'Names of Vault secrets; each signs the calls to a URL. Null: a secret of the queue''s own, and the one before it while that is exchanged.';

alter table supaqueue.job
  add column repeats integer not null default 0;

comment on column supaqueue.job.repeats is 'How often it was continued or rescheduled since it was enqueued.';

-- It makes the secret of a queue now.
drop function if exists supaqueue_internal.make_webhook_secret();
