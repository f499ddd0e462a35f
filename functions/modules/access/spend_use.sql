-- spend_use: one job, or signal, of a door's per_minute is used up, or refused.
--
-- writes     supaqueue.door_use
--
-- A user may enqueue per_minute jobs at once, and one more each time so many parts of
-- a minute have passed (the generic cell rate algorithm). What is refused
-- later on stays used; what is rolled back has not been. Calls of one user at the same time go one after another; of anon
-- those of all, since they share one row. Who would wait for long is refused instead,
-- and sooner than PostgreSQL looks for circles of waiting.
--
-- Rows that say nothing any more are taken away by those who make new ones, a few at a
-- time, so that the table does not grow with all who ever came.
--
-- Errors: SQ429, with the seconds to wait as its detail.

create or replace function supaqueue_internal.spend_use(door supaqueue.door, who uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
as $$
declare
  each constant interval := interval '1 minute' / (spend_use.door).per_minute;
  at timestamptz;
  used timestamptz;
begin
  insert into supaqueue.door_use (queue, role, who, free_at)
  values ((spend_use.door).queue, (spend_use.door).role, spend_use.who, clock_timestamp() + each)
  on conflict do nothing;
  if found then
    delete from supaqueue.door_use
    where (door_use.queue, door_use.role, door_use.who) in (
      select stale.queue, stale.role, stale.who
      from (
        select neighbour.*
        from supaqueue.door_use as neighbour
        where neighbour.queue = (spend_use.door).queue
          and neighbour.role = (spend_use.door).role
          and neighbour.who > spend_use.who
        order by neighbour.who
        limit 10
        for update skip locked
      ) as stale
      where stale.free_at < clock_timestamp() - interval '1 minute'
    );
    return;
  end if;

  select door_use.free_at into used
  from supaqueue.door_use
  where door_use.queue = (spend_use.door).queue
    and door_use.role = (spend_use.door).role
    and door_use.who = spend_use.who
  for no key update;

  -- After the wait. Further ahead than a minute is of a slower rate, or of a clock that was set back.
  at := clock_timestamp();
  used := greatest(case when used > at + interval '1 minute' then at else used end, at) + each;
  if used > at + interval '1 minute' then
    raise exception using
      errcode = 'SQ429',
      message = format('no more than %s jobs and signals a minute are accepted here', (spend_use.door).per_minute),
      detail = ceil(extract(epoch from used - at - interval '1 minute'))::text,
      hint = 'Nothing was changed. Try again after as many seconds as the detail says.';
  end if;

  update supaqueue.door_use
  set free_at = used
  where door_use.queue = (spend_use.door).queue
    and door_use.role = (spend_use.door).role
    and door_use.who = spend_use.who;
exception when lock_not_available then
  raise exception using
    errcode = 'SQ429',
    message = 'too many jobs and signals are coming in here at this moment',
    detail = '1',
    hint = 'Nothing was changed. Try again after as many seconds as the detail says.';
end;
$$;

comment on function supaqueue_internal.spend_use(supaqueue.door, uuid) is 'Notes that one more job was enqueued through a door, or refuses it.';
