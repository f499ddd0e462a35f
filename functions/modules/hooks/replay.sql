-- replay: what a hook has sent in a time is sent once more.
--
-- called by  users
-- reads      supaqueue.job
-- writes     supaqueue.job
--
-- Copies of the jobs that the hook made from `since` on and before `until`, as far as they have ended and are still there,
-- in their order, at most `most` of them. A copy is what was sent then, with the header supaqueue-hook-replay: the id of the job that it is a copy
-- of. For rows as they are now: backfill. Returns the ids of the copies.
--
-- Errors: SQ404 no such hook, SQ422 no time.

create or replace function supaqueue.replay(hook text, since timestamptz, until timestamptz default now(), most integer default 1000)
returns bigint[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  known supaqueue.hook;
  copies bigint[];
begin
  select found.* into known from supaqueue.hook as found where found.name = replay.hook;
  if known.id is null then
    perform supaqueue_internal.refuse_hook(replay.hook);
  end if;
  if not coalesce(replay.since < replay.until, false) or not coalesce(replay.most between 1 and 10000, false) then
    raise exception using
      errcode = 'SQ422',
      message = 'a replay is of a time, since before until, and of 1 to 10000 jobs at once',
      hint = 'Nothing was changed. For example: select supaqueue.replay(''photos_thumbnails'', now() - interval ''1 hour'');';
  end if;
  with copy as (
    insert into supaqueue.job (queue, payload, priority, version, concurrency_key, origin)
    select
      original.queue, original.payload, original.priority, original.version, original.concurrency_key,
      -- Who replays is no job's function.
      (original.origin - '{hook-cause, hook-depth, hook-own}'::text[]) || jsonb_build_object('hook-replay', original.id::text)
    from supaqueue.job as original
    where original.queue = known.queue and original.origin ->> 'hook' = known.name
      and original.created_at >= replay.since and original.created_at < replay.until
      and original.status in ('success', 'failed', 'cancelled')
      and not original.origin ? 'hook-replay'
    order by original.id
    limit replay.most
    returning job.id
  )
  select coalesce(array_agg(copy.id order by copy.id), '{}') into copies from copy;
  return copies;
end;
$$;

comment on function supaqueue.replay(text, timestamptz, timestamptz, integer) is 'Sends again what a hook sent in a period. Returns the ids of the new jobs.';
