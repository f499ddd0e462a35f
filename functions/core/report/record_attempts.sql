-- record_attempts: what is worth remembering about attempts that have just ended.
--
-- called by  report
-- writes     supaqueue.attempt; deletes the jobs that their functions dropped
--
-- `ended` is a list of settled reports, as report has them.

create or replace function supaqueue_internal.record_attempts(ended jsonb, at timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into supaqueue.attempt (job, attempt, outcome, begun_at, ended_at, ms, status, error, head, run, region)
  select
    entry.job, entry.attempts, entry.outcome, entry.begun_at, record_attempts.at, entry.took_ms, entry.status, entry.error,
    left(entry.head, 1000),
    -- A current job that its function was to report belongs to no run.
    nullif(entry.dispatcher, entry.token),
    entry.region
  from jsonb_to_recordset(record_attempts.ended) as entry (
    token uuid, job bigint, attempts integer, outcome text, begun_at timestamptz, took_ms double precision, status integer,
    error text, head text, dispatcher uuid, region text
  )
  where entry.outcome <> 'dropped';

  if jsonb_path_exists(record_attempts.ended, '$[*] ? (@.outcome == "dropped")') then
    delete from supaqueue.job
    using jsonb_to_recordset(record_attempts.ended) as entry (job bigint, outcome text)
    where job.id = entry.job and entry.outcome = 'dropped';
  end if;
end;
$$;

comment on function supaqueue_internal.record_attempts(jsonb, timestamptz) is 'Writes down how attempts ended, and deletes the jobs that were dropped.';
