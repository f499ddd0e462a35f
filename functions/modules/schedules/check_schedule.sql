-- check_schedule: next_at says when a schedule comes next. A cron expression or
-- a time zone that is not valid is refused while somebody is there to read why. Nulls of a
-- new one take the defaults of their columns: of rows with unlike keys, the Data API writes null
-- where a key is missing.
--
-- Counted from now on when the schedule is new, is enabled again, or got another cron
-- expression or time zone: the time before is nothing to catch up with. Written by
-- hand, next_at stays as it is.
--
-- Security definer: whoever may write a schedule may run no other function.

create or replace function supaqueue_internal.check_schedule()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  comes_at timestamptz;
begin
  if tg_op = 'INSERT' then
    new.id := coalesce(new.id, gen_random_uuid());
    new.created_at := coalesce(new.created_at, now());
    new.time_zone := coalesce(new.time_zone, 'UTC');
    new.payload := coalesce(new.payload, '{}');
    new.catch_up := coalesce(new.catch_up, 'one');
    new.overlap := coalesce(new.overlap, false);
    new.enabled := coalesce(new.enabled, true);
  end if;
  comes_at := supaqueue.next_time(new.cron, new.time_zone, clock_timestamp());
  perform supaqueue_internal.assert_payload(queue, new.payload) from supaqueue.queue where queue.id = new.queue;
  if comes_at is null then
    raise exception using
      errcode = 'SQ422',
      message = format('the schedule %s never comes: there is no day such as "%s"', new.name, new.cron),
      hint = 'Its day of the month is in none of its months. Nothing was changed.';
  end if;
  if new.next_at is null
    or tg_op = 'UPDATE' and new.next_at is not distinct from old.next_at
      and (new.cron <> old.cron or new.time_zone <> old.time_zone or new.enabled and not old.enabled)
  then
    new.next_at := comes_at;
  end if;
  return new;
end;
$$;

comment on function supaqueue_internal.check_schedule() is 'next_at says when a schedule comes next; what is not valid is refused.';

drop trigger if exists on_schedule_written on supaqueue.schedule;
create trigger on_schedule_written
  before insert or update of queue, payload, cron, time_zone, enabled, next_at on supaqueue.schedule
  for each row
  execute function supaqueue_internal.check_schedule();
