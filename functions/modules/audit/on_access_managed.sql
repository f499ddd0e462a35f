-- on_access_managed: a queue was opened to users, or closed to them: who did it is written down.
--
-- Security definer: whoever may write this table may not run what writes it down.

create or replace function supaqueue_internal.on_access_managed()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  was jsonb;
  is_now jsonb;
  seen record;
begin
  if tg_op <> 'INSERT' then
    was := to_jsonb(old) - '{queue, created_at}'::text[];
  end if;
  if tg_op <> 'DELETE' then
    is_now := to_jsonb(new) - '{queue, created_at}'::text[];
  end if;
  seen := supaqueue_internal.changed_fields(was, is_now);
  perform supaqueue_internal.note_act(
    case tg_op when 'INSERT' then 'open access' when 'DELETE' then 'close access' else 'change access' end,
    case when tg_op = 'DELETE' then old.queue else new.queue end,
    before => seen.before,
    after => seen.after
  );
  return null;
end;
$$;

comment on function supaqueue_internal.on_access_managed() is 'A queue was opened to users, or closed to them: writes down who did it.';

drop trigger if exists on_access_managed on supaqueue.door;
create trigger on_access_managed
  after insert or update or delete on supaqueue.door
  for each row
  execute function supaqueue_internal.on_access_managed();
