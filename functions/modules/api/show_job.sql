-- show_job: a job with all that it has, and what became of its last twenty attempts.
--
-- reads      supaqueue.job, supaqueue.attempt
--
-- Error: SQ404.

create or replace function supaqueue_internal.show_job(job bigint)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  target supaqueue.job;
begin
  select * into target from supaqueue.job where job.id = show_job.job;
  if target.id is null then
    raise exception using
      errcode = 'SQ404',
      message = format('there is no job %s', coalesce(show_job.job::text, 'null')),
      hint = 'It was never there, or was pruned: keep_success and keep_failed of its queue say when.';
  end if;
  return supaqueue_internal.describe_job(target) || jsonb_build_object(
    'payload', supaqueue_internal.shown(target.payload),
    'result', supaqueue_internal.shown(target.result),
    'history', coalesce((
      select jsonb_agg(jsonb_build_object(
        'attempt', last.attempt, 'outcome', last.outcome, 'status', last.status, 'error', last.error,
        'ms', last.ms, 'begun_at', last.begun_at, 'ended_at', last.ended_at
      ) order by last.id desc)
      from (
        select * from supaqueue.attempt where attempt.job = target.id order by attempt.id desc limit 20
      ) as last
    ), '[]')
  );
end;
$$;

comment on function supaqueue_internal.show_job(bigint) is 'A job with all that it has, and its last attempts.';
