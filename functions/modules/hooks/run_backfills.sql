-- run_backfills: backfills go on, each as far as its rate allows.
--
-- expects    to be the last chore: rows stay locked until the transaction ends
-- writes     supaqueue.backfill, and what backfill_slice writes
--
-- At most `most` rows at once, and no slice begins after a second. Where something of the user's may take its time for each
-- row (is_watched), slices begin with one, and stay with it while their queue is slow. One that took more than a second, as the
-- condition may, has those after it be smaller. Who waited longest comes first, of queues that were slow last, and whose turn
-- does not come stays as it is: it waited longest the next time. One that fails stops no other: its reason stands in its row,
-- and it is tried again at growing distances. Where somebody holds a row, fewer are tried at once. Whose hook is paused waits.
-- Only for the owner of supaqueue, as whom conditions run. Returns how many rows were looked at.

create or replace function supaqueue_internal.run_backfills(most integer default 5000)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
declare
  begun_at constant timestamptz := clock_timestamp();
  task supaqueue.backfill;
  room integer := run_backfills.most;
  allowed integer;
  slice jsonb;
  page integer;
  watched boolean;
  home uuid;
  slow boolean;
  started_at timestamptz;
  failed_code text;
  failed_reason text;
begin
  if (select pg_namespace.nspowner from pg_namespace where pg_namespace.nspname = 'supaqueue_internal') <> to_regrole(quote_ident(current_user)) then
    return 0;
  end if;
  for task in
    select backfill.*
    from supaqueue.backfill
    join supaqueue.hook on hook.id = backfill.hook and hook.enabled
    where backfill.status = 'running'
      and (backfill.next_try_at <= begun_at or backfill.next_try_at > begun_at + interval '1 hour')
    order by
      exists (select from supaqueue.trouble where trouble.kind = 'slow' and trouble.queue = hook.queue),
      coalesce(backfill.last_at, backfill.created_at), backfill.id
    for no key update of backfill skip locked
  loop
    exit when room < 1 or clock_timestamp() >= begun_at + interval '1 second';
    -- What it could not do in a minute is not made up for. Of less than one row a minute, one is.
    allowed := least(room, floor(task.per_second * least(
      greatest(60, 1 / task.per_second), extract(epoch from begun_at - coalesce(task.last_at, task.created_at - interval '1 second'))
    )));
    continue when allowed < 1;
    watched := coalesce(watched, supaqueue_internal.is_watched());
    page := case when watched then 1 else task.slice end;
    home := (select hook.queue from supaqueue.hook where hook.id = task.hook);
    slow := exists (select from supaqueue.trouble where trouble.kind = 'slow' and trouble.queue = home);
    while allowed > 0 and room > 0 and clock_timestamp() < begun_at + interval '1 second' loop
      started_at := clock_timestamp();
      begin
        slice := supaqueue_internal.backfill_slice(task, least(allowed, page));
        task.looked_at := task.looked_at + (slice ->> 'rows')::integer;
        if slice ->> 'last' is not null then
          task.after := array(select jsonb_array_elements_text(slice -> 'last'));
        end if;
        task.failures := 0;
        task.code := null;
        task.reason := null;
        if (slice ->> 'rows')::integer < least(allowed, page) then
          task.status := 'done';
          task.finished_at := clock_timestamp();
        end if;
        allowed := case when task.status = 'running' then allowed - (slice ->> 'rows')::integer else 0 end;
        room := room - (slice ->> 'rows')::integer;
        task.slice := case
          when clock_timestamp() > started_at + interval '1 second' then greatest(1, task.slice / 10)
          else least(1000, task.slice * 2)
        end;
        page := least(case when slow then 1 when watched then least(page * 2, 32) else page * 2 end, task.slice);
        perform supaqueue_internal.note_pace(home, clock_timestamp() - (clock_timestamp() - started_at) / greatest((slice ->> 'rows')::integer, 1))
        where watched;
      exception when query_canceled or assert_failure or others then
        get stacked diagnostics failed_code = returned_sqlstate, failed_reason = message_text;
        task.slice := greatest(1, task.slice / 10);
        task.failures := least(task.failures + 1, 1000000);
        task.code := failed_code;
        task.reason := left(failed_reason, 1000);
        allowed := 0;
      end;
    end loop;
    update supaqueue.backfill
    set
      status = task.status, finished_at = task.finished_at, after = task.after, looked_at = task.looked_at, slice = task.slice,
      last_at = clock_timestamp(), failures = task.failures, code = task.code, reason = task.reason,
      next_try_at = case when task.failures < 3 then '-infinity' else clock_timestamp() + least(300, 10 * 2 ^ least(task.failures - 3, 10)) * interval '1 second' end
    where backfill.id = task.id;
  end loop;
  return run_backfills.most - room;
end;
$$;

comment on function supaqueue_internal.run_backfills(integer) is 'Backfills go on, each as far as its rate allows. Returns how many rows were looked at.';

insert into supaqueue.chore (name, place, routine, times) values ('backfills', 950, 'run_backfills', 5)
on conflict (name) do update set place = excluded.place, routine = excluded.routine, times = excluded.times;
