-- Pull: consumers take jobs by themselves.

-- What pick answers with: an array, which the Data API gives whole.
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

comment on type supaqueue.picked_job is 'A job as a consumer gets it.';
