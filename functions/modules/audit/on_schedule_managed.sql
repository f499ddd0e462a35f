-- on_schedule_managed: a schedule was made, changed, switched or deleted: who did it is written down.
--
-- What the sweep writes when a schedule comes due is no change of it. Of the payload only that it changed.
--
-- Security definer: whoever may write this table may not run what writes it down.

create or replace function supaqueue_internal.on_schedule_managed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  unseen constant text[] := '{id, created_at, queue, next_at, last_at, last_job, payload}';
  subject constant text := coalesce(new.name, old.name);
  was constant jsonb := to_jsonb(old) - unseen;
  is_now jsonb := to_jsonb(new) - unseen;
  seen record;
begin
  if tg_op = 'UPDATE' then
    if new.payload <> old.payload then
      is_now := is_now || '{"payload": "changed"}';
    end if;
    if was = is_now then
      return null;
    end if;
  end if;
  seen := supaqueue_internal.changed_fields(was, is_now);
  perform supaqueue_internal.note_act(
    case tg_op when 'INSERT' then 'create schedule' when 'DELETE' then 'delete schedule' else 'change schedule' end,
    coalesce(new.queue, old.queue),
    before => seen.before || jsonb_build_object('schedule', subject),
    after => seen.after || jsonb_build_object('schedule', subject)
  );
  return null;
end;
$$;

comment on function supaqueue_internal.on_schedule_managed() is 'A schedule was made, changed, switched or deleted: writes down who did it.';

drop trigger if exists on_schedule_managed on supaqueue.schedule;
create trigger on_schedule_managed
  after insert or update or delete on supaqueue.schedule
  for each row
  execute function supaqueue_internal.on_schedule_managed();
