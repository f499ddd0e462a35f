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
  unseen constant text[] := '{queue, created_at}';
  seen record;
begin
  seen := supaqueue_internal.changed_fields(to_jsonb(old) - unseen, to_jsonb(new) - unseen);
  perform supaqueue_internal.note_act(
    case tg_op when 'INSERT' then 'open access' when 'DELETE' then 'close access' else 'change access' end,
    coalesce(new.queue, old.queue),
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
