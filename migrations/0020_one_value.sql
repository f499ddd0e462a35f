-- What functions return that answer with many rows: an array of these, which the Data API
-- gives whole. A set it cuts at max_rows, 1,000 by default, when the work is already done.

drop function if exists supaqueue.enqueue_many(text, jsonb, text, text);
drop function if exists supaqueue.source_results(bigint);
drop function if exists supaqueue.pick(text, integer, integer, interval);
drop function if exists supaqueue.canary(text, text, integer);
drop function if exists supaqueue.reprocess(text, uuid, bigint[], integer);

create type supaqueue.enqueued_job as (id bigint, batch uuid, enqueued boolean);

create type supaqueue.source_result as (
  source bigint,
  queue text,
  batch_index integer,
  status supaqueue.job_status,
  payload jsonb,
  result jsonb,
  error text
);

create type supaqueue.picked_job as (
  token uuid,
  job bigint,
  payload jsonb,
  attempts integer,
  job_version integer,
  priority integer,
  dedupe_key text,
  state jsonb,
  created_at timestamptz,
  run_at timestamptz,
  lease_until timestamptz
);

comment on type supaqueue.enqueued_job  is 'What became of one of enqueue_many.';
comment on type supaqueue.source_result is 'What a job has brought that another one depends on.';
comment on type supaqueue.picked_job    is 'A job as a consumer gets it.';
