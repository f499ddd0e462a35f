-- on_hook_managed: a hook was made, changed, paused, resumed or taken away: who did it is written down.
--
-- Not its condition, in which values of rows may stand: of that only that it changed.
--
-- Security definer: whoever may write this table may not run what writes it down.

create or replace function supaqueue_internal.on_hook_managed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  unseen constant text[] := '{id, created_at, queue, condition, off_since}';
  subject constant text := coalesce(new.name, old.name);
  was constant jsonb := to_jsonb(old) - unseen;
  is_now jsonb := to_jsonb(new) - unseen;
  seen record;
begin
  if tg_op = 'UPDATE' then
    if new.condition is distinct from old.condition then
      is_now := is_now || '{"condition": "changed"}';
    end if;
    if was = is_now and new.queue = old.queue then
      return null;
    end if;
  end if;
  seen := supaqueue_internal.changed_fields(was, is_now);
  perform supaqueue_internal.note_act(
    case
      when tg_op = 'INSERT' then 'create hook'
      when tg_op = 'DELETE' then 'delete hook'
      when old.enabled and not new.enabled then 'pause hook'
      when new.enabled and not old.enabled then 'resume hook'
      else 'change hook' end,
    coalesce(new.queue, old.queue),
    before => seen.before || jsonb_build_object('hook', subject),
    after => seen.after || jsonb_build_object('hook', subject)
  );
  return null;
end;
$$;

comment on function supaqueue_internal.on_hook_managed() is 'A hook was made, changed, paused, resumed or taken away: writes down who did it.';

drop trigger if exists on_hook_managed on supaqueue.hook;
create trigger on_hook_managed
  after insert or update or delete on supaqueue.hook
  for each row
  execute function supaqueue_internal.on_hook_managed();
