-- backfill_progress: how far a backfill is.
--
-- called by  users, the console and the program
-- reads      supaqueue.backfill
--
-- Returns {backfill, hook, status, where, per_second, rows, estimate, percent, after, since, last_at, finished_at, failures,
-- code, reason}. `rows` were looked at; `percent` is of what the table's statistics say, and null where they say nothing.
-- Errors: SQ404.

create or replace function supaqueue.backfill_progress(backfill bigint)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  told jsonb;
begin
  select jsonb_build_object(
    'backfill', task.id, 'hook', hook.name, 'status', task.status, 'where', task.condition, 'per_second', task.per_second,
    'rows', task.looked_at, 'estimate', task.estimate,
    'percent', case
      when task.status = 'done' then 100
      when task.estimate > 0 then least(99, floor(100.0 * task.looked_at / task.estimate))
    end,
    'after', task.after, 'since', task.created_at, 'last_at', task.last_at, 'finished_at', task.finished_at,
    'failures', task.failures, 'code', task.code, 'reason', task.reason
  )
  into told
  from supaqueue.backfill as task
  join supaqueue.hook on hook.id = task.hook
  where task.id = backfill_progress.backfill;
  if told is null then
    raise exception using
      errcode = 'SQ404',
      message = format('there is no backfill %s', coalesce(backfill_progress.backfill::text, 'null')),
      hint = 'Those that there are: select id, status from supaqueue.backfill.';
  end if;
  return told;
end;
$$;

comment on function supaqueue.backfill_progress(bigint) is 'Returns the progress of a backfill.';
