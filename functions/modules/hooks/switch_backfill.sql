-- switch_backfill: a backfill stops where it is, or goes on from there.
--
-- writes     supaqueue.backfill
--
-- Returns whether that changed anything: one that is done stays so. Errors: SQ404.
--
-- Security definer: nobody but the owner writes backfills, and this writes nothing of what they run.

create or replace function supaqueue_internal.switch_backfill(backfill bigint, status text)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  known supaqueue.backfill;
begin
  select task.* into known from supaqueue.backfill as task where task.id = switch_backfill.backfill for no key update;
  if known.id is null then
    raise exception using
      errcode = 'SQ404',
      message = format('there is no backfill %s', coalesce(switch_backfill.backfill::text, 'null')),
      hint = 'Nothing was changed. Those that there are: select id, status from supaqueue.backfill.';
  end if;
  if known.status = 'done' or known.status = switch_backfill.status then
    return false;
  end if;
  update supaqueue.backfill as task
  set
    status = switch_backfill.status, finished_at = case when switch_backfill.status <> 'running' then clock_timestamp() end,
    -- What it waited is not made up for.
    last_at = clock_timestamp(), next_try_at = '-infinity', failures = 0
  where task.id = known.id;
  return true;
end;
$$;

comment on function supaqueue_internal.switch_backfill(bigint, text) is 'A backfill stops where it is, or goes on from there.';
